/** The frame of every page of the site: its links above, its style, the skeleton of all pages below. */
import { page } from "../../lib/report/page.ts";

/** What a page of the site is made of. */
export interface SitePageOptions {
  /** Its path in the site, such as "notebooks/00_quickstart.html". */
  path: string;
  /** Title of the window and first heading. */
  title: string;
  /** HTML below the first heading. */
  body: string;
  /** HTML for the end of the head. */
  head?: string;
  /** The links above every page: names by their paths in the site. */
  links: readonly [path: string, name: string][];
}

/** Returns the address of a path in the site, as seen from another. @param from path of the page with the link */
export function addressFrom(from: string, to: string): string {
  return "../".repeat(from.split("/").length - 1) + to;
}

/** Makes a page of the site as one HTML text. */
export function sitePage({ path, title, body, head = "", links }: SitePageOptions): string {
  const items = links.map(([to, name]) =>
    `<a href="${addressFrom(path, to)}"${to === path ? ' aria-current="page"' : ""}>${name}</a>`
  );
  const above = `<nav class="site" aria-label="Pages">${items.join("\n")}</nav>\n`;
  return page({ title, above, head: `<style>${style}</style>\n${head}`, body: `<div class="prose">${body}</div>` });
}

const style = `
:root { --code: #f4f5f6; --key: #8250df; --text: #0a5c36; --number: #0550ae; --comment: #5f6770 }
@media (prefers-color-scheme: dark) {
  :root { --code: #202326; --key: #d2a8ff; --text: #8fd6a8; --number: #79c0ff; --comment: #9aa3ab }
}
a { color: var(--figure) }
nav.site { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding-bottom: .75rem; margin-bottom: 1.25rem;
  border-bottom: 1px solid var(--line); font-size: .9375rem }
nav.site a { text-decoration: none; padding: .25rem 0 }
nav.site a:hover { text-decoration: underline }
nav.site a[aria-current] { color: var(--ink); font-weight: 700 }
.prose { min-width: 0 }
.prose td:nth-child(2) { font-weight: 400 }
.prose :not(.scroll) > table, .prose ul, .prose ol { max-width: 70ch }
.prose th:not([align]) { text-align: left }
.prose th, .prose td { vertical-align: top }
.prose tbody td { min-width: 4rem }
.prose code { font: .875em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--code);
  padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere }
.prose td code { overflow-wrap: normal }
.prose pre { background: var(--code); padding: .75rem; border-radius: .375rem; overflow-x: auto; margin: .75rem 0 }
.prose pre code { background: none; padding: 0; overflow-wrap: normal }
.prose h3 { font-size: 1.0625rem; margin: 1.75rem 0 .5rem }
.hljs-keyword, .hljs-built_in, .hljs-literal { color: var(--key) }
.hljs-string, .hljs-regexp, .hljs-attr { color: var(--text) }
.hljs-number, .hljs-title, .hljs-meta { color: var(--number) }
.hljs-comment { color: var(--comment) }
.cell details { margin: .75rem 0 }
.cell summary { cursor: pointer; color: var(--soft); font-size: .875rem }
.output { margin: .75rem 0; overflow-x: auto }
.output pre { background: none; border-left: 3px solid var(--line); border-radius: 0; padding: .25rem .75rem;
  font: .875rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere }
.output img, .prose p > img { display: block; max-width: 100%; height: auto; background: #fff }
.output a img { border-radius: 2px }
.plot { min-height: 360px }
.gallery { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: 1rem; max-width: none !important;
  grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)) }
.gallery > li { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden }
.gallery a { display: block; height: 100%; color: inherit; text-decoration: none }
.gallery a:focus-visible { outline: 2px solid var(--figure); outline-offset: -2px }
.gallery a:hover h3 { text-decoration: underline }
.gallery img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #fff;
  border-bottom: 1px solid var(--line) }
.gallery h3 { margin: .75rem .75rem .25rem; color: var(--figure) }
.gallery p { margin: 0 .75rem .75rem; font-size: .9375rem }
`;

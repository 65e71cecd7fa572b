/** The skeleton of every HTML page: one file that loads nothing from elsewhere, in light and dark, wide and narrow. */
import { escapeHtml } from "./display.ts";
import type { Table } from "./table.ts";

/** What a page is made of. */
export interface PageOptions {
  /** Title of the window and first heading, as plain text. */
  title: string;
  /** HTML for the end of the head, such as a script; nothing by default. */
  head?: string;
  /** HTML above the first heading, such as links to other pages; nothing by default. */
  above?: string;
  /** HTML of the page below its first heading. */
  body: string;
}

/** Makes a page as one HTML text. */
export function page({ title, head = "", above = "", body }: PageOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
${head}</head>
<body>
<main>
${above}<h1>${escapeHtml(title)}</h1>
${body}
</main>
<script>${markOverflow}</script>
</body>
</html>
`;
}

/**
 * Sets a table into a region that scrolls sideways by itself, keeps its first column, and says so where it overflows.
 */
export function scrollingTable(table: Table, label: string): string {
  return `<div class="scroll" role="region" aria-label="${escapeHtml(label)}" tabindex="0">${table.html()}</div>
<p class="hint">The table goes on to the right: scroll it sideways.</p>`;
}

/** Shows the hint below each table that is wider than the window; without scripts the shadow at its edge remains. */
const markOverflow = `
const mark = () => document.querySelectorAll(".scroll").forEach((region) =>
  region.classList.toggle("overflows", region.scrollWidth > region.clientWidth));
addEventListener("resize", mark);
mark();
`;

const style = `
:root {
  --ground: #fff; --ink: #1d1f21; --soft: #565b61; --line: #d5d8dc; --shadow: rgba(0, 0, 0, .35);
  --figure: #005a94; --right: #009e73; --stamp: #a3001c; --stamp-ground: #fff0f1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181a; --ink: #e7e9eb; --soft: #abb1b8; --line: #41464c; --shadow: rgba(255, 255, 255, .4);
    --figure: #6cc3f7; --right: #1fc796; --stamp: #ff9aa5; --stamp-ground: #3a1218;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 78rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: break-word }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem }
p, dl { max-width: 70ch; margin: .5rem 0 }
.note, .hint, dl { color: var(--soft); font-size: .875rem }

.headline { margin: 0 0 1.25rem }
.headline .metric { font-weight: 600; margin: 0 }
.headline .value { color: var(--figure); font-size: clamp(2.25rem, 11vw, 4rem); font-weight: 700; line-height: 1.15; margin: 0 }
.headline .before { color: var(--soft); font-weight: 400 }
.stamp { background: var(--stamp-ground); color: var(--stamp); border: 2px solid; border-left-width: .75rem;
  padding: .5rem .75rem; font-weight: 700 }
.caution { border-left: .25rem solid var(--line); padding-left: .75rem }

/* The cover of the shadow scrolls with the table, the shadow itself does not: it shows where something is cut off. */
.scroll { overflow-x: auto; scrollbar-width: thin; scrollbar-color: var(--soft) transparent; margin: .5rem 0;
  background: linear-gradient(to left, var(--ground) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--shadow), transparent) right / 1rem 100% no-repeat scroll }
.scroll:focus-visible { outline: 2px solid var(--figure) }
.hint { display: none }
.overflows + .hint { display: block }
table { border-collapse: separate; border-spacing: 0; font-size: .9375rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line) }
thead th { border-bottom: 2px solid var(--soft); vertical-align: bottom; line-height: 1.25 }
tbody th { font-weight: 400; min-width: 8rem }
th:first-child { position: sticky; left: 0; background: var(--ground); border-right: 1px solid var(--line) }
td:nth-child(2) { font-weight: 700 }

.cards { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .75rem }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; display: flex; flex-wrap: wrap;
  gap: .75rem 2rem }
.card p { margin: 0 }
.query { flex: 1 1 16rem; display: flex; align-items: flex-start; gap: .75rem; min-width: 0 }
.query > .about { min-width: 0 }
.query > .image { flex: 0 0 5rem }
.kind { color: var(--figure); font-size: .875rem; font-weight: 700 }
.text { font-weight: 600 }
.lists { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; min-width: 0 }
.list { min-width: 0 }
.list > p { font-size: .875rem }
.best { list-style: none; margin: .25rem 0 0; padding: 0; display: grid; gap: .375rem;
  grid-template-columns: repeat(5, minmax(44px, 4.25rem)) }
.best.captions { display: block; max-width: 34rem; font-size: .9375rem }
.best > li { position: relative; min-width: 0; border: 3px solid transparent; border-radius: 4px }
.best > li.correct { border-color: var(--right) }
.best.captions > li { padding: 0 1.75rem 0 .375rem }
.mark { position: absolute; top: 0; right: 0; width: 1.125rem; background: #00664a; color: #fff; font-size: .875rem;
  line-height: 1.125rem; text-align: center; border-radius: 0 0 0 4px }
.image { display: block; aspect-ratio: 1; background: #fff; border-radius: 2px }
.image > * { display: block; width: 100%; height: 100%; object-fit: contain }
.missing { display: grid; place-items: center; background: none; border: 1px dashed var(--soft); font-size: .875rem }
.missing > * { width: auto; height: auto }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .125rem 1rem }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere }
`;

/** Markdown as HTML: GitHub's dialect, its anchors at headings, code in colours, tables that scroll by themselves. */
import hljs from "npm:highlight.js@11.12.0/lib/core";
import bash from "npm:highlight.js@11.12.0/lib/languages/bash";
import json from "npm:highlight.js@11.12.0/lib/languages/json";
import python from "npm:highlight.js@11.12.0/lib/languages/python";
import typescript from "npm:highlight.js@11.12.0/lib/languages/typescript";
import { Marked } from "npm:marked@18.2.1";
import { escapeHtml } from "../../lib/report/display.ts";

const languages = { bash, json, python, typescript };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
const aliases: Record<string, string> = { ts: "typescript", sh: "bash", py: "python", ipynb: "json" };

/** Colours code. @param language its name or file ending; an unknown one is shown without colours */
export function codeHtml(code: string, language = ""): string {
  const name = aliases[language] ?? language;
  const html = Object.hasOwn(languages, name) ? hljs.highlight(code, { language: name }).value : escapeHtml(code);
  return `<pre tabindex="0"><code>${html}</code></pre>`;
}

/** Returns what follows `#` in an address of a heading, as GitHub makes it. @param text plain text of the heading */
export function headingAnchor(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");
}

/** What Markdown becomes. */
export interface RenderedMarkdown {
  /** The first heading of the first level, as plain text; absent if the text does not begin with one. */
  title?: string;
  /** HTML of all the rest. */
  html: string;
}

/**
 * Renders a text.
 *
 * @param linkTo returns where a link to a path leads in the site; undefined: nowhere, and its text stands alone
 * @param imageAt returns where a page finds the image with an address
 */
export function renderMarkdown(
  markdown: string,
  linkTo: (address: string) => string | undefined = (address) => address,
  imageAt: (address: string) => string = (address) => address,
): RenderedMarkdown {
  const marked = new Marked({ gfm: true }), anchors = new Map<string, number>();
  marked.use({
    renderer: {
      heading({ tokens, depth, text }) {
        const anchor = headingAnchor(text.replace(/[`*_]|\[([^\]]*)\]\([^)]*\)/g, "$1")),
          seen = anchors.get(anchor) ?? 0;
        anchors.set(anchor, seen + 1);
        const id = seen === 0 ? anchor : `${anchor}-${seen}`;
        return `<h${depth} id="${escapeHtml(id)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens), target = linkTo(href);
        return target === undefined ? text : `<a href="${escapeHtml(target)}">${text}</a>`;
      },
      image: ({ href, text }) => `<img src="${escapeHtml(imageAt(href))}" alt="${escapeHtml(text)}">`,
      code: ({ text, lang }) => `${codeHtml(text, lang?.split(" ")[0])}\n`,
    },
  });
  const [, title, rest] = markdown.match(/^\s*# +(.+)\n([^]*)$/) ?? [, undefined, markdown];
  const html = (marked.parse(rest!) as string).replace(
    /<table>[^]*?<\/table>/g,
    (table) => `<div class="scroll" role="region" aria-label="Table" tabindex="0">${table}</div>`,
  );
  return { title: title?.replace(/[`*]/g, "").trim(), html };
}

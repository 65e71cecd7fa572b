/** An executed notebook as HTML: its texts, its code, and everything that it has shown. */
import { stripVTControlCharacters } from "node:util";
import { escapeHtml } from "../../lib/report/display.ts";
import { codeHtml, renderMarkdown } from "./markdown.ts";
import { emptyCells, type Notebook, type NotebookCell, type Output, textOf } from "./notebook.ts";

/** What a notebook becomes. */
export interface RenderedNotebook {
  /** Its first heading. */
  title: string;
  /** Its first paragraph, as plain text. */
  summary: string;
  /** HTML of its cells. */
  html: string;
  /** Whether plotly draws something, for which the page has to bring it. */
  hasPlots: boolean;
}

/** Trace types that plotly's basic bundle draws. */
const drawn = new Set(["scatter", "bar", "pie"]);

/**
 * Renders a notebook.
 *
 * @param file its name in messages
 * @param linkTo as of {@linkcode renderMarkdown}
 * @throws {Error} if a cell has failed or shows nothing, or an output has no form that a page can show
 */
export function renderNotebook(
  notebook: Notebook,
  file: string,
  linkTo?: (address: string) => string | undefined,
): RenderedNotebook {
  const empty = emptyCells(notebook);
  if (empty.length > 0) {
    throw new Error(
      `Rendering ${file} failed: cells show nothing (${empty.join("; ")}); run it with deno task notebooks --write.`,
    );
  }
  let title = file, summary = "", hasPlots = false;
  const html = notebook.cells.map((cell, at) => {
    if (cell.cell_type === "raw") return "";
    if (cell.cell_type === "markdown") {
      const markdown = renderMarkdown(textOf(cell.source), linkTo);
      if (at === 0 && markdown.title) {
        [title, summary] = [markdown.title, plainText(markdown.html.match(/<p>([^]*?)<\/p>/)?.[1] ?? "")];
      }
      return `<div class="cell">${markdown.html}</div>`;
    }
    const outputs = (cell.outputs ?? []).map((output) => {
      const shown = outputHtml(output, file);
      if (shown.includes(plotMark)) hasPlots = true;
      return `<div class="output">${shown}</div>`;
    });
    return `<div class="cell">${inputHtml(cell)}\n${outputs.join("\n")}</div>`;
  });
  return { title, summary, html: html.join("\n"), hasPlots };
}

/** Code; the imports, which nobody reads first, are folded. */
function inputHtml({ source, metadata }: NotebookCell): string {
  const code = codeHtml(textOf(source), "typescript");
  return metadata.tags?.includes("silent") ? `<details><summary>Imports</summary>${code}</details>` : code;
}

const plotMark = 'class="plot"';

/** What the notebooks hand to plotly. */
interface Plot {
  data: { type?: string }[];
  layout: { title?: { text?: string } };
}

function outputHtml({ output_type, data = {}, text, ename, evalue }: Output, file: string): string {
  if (output_type === "error") {
    throw new Error(`Rendering ${file} failed: a cell ended with ${ename}: ${evalue}; run it again.`);
  }
  if (output_type === "stream") return `<pre>${escapeHtml(stripVTControlCharacters(textOf(text)))}</pre>`;
  const plain = data["text/plain"] === undefined ? "" : stripVTControlCharacters(textOf(data["text/plain"]));
  const name = escapeHtml(plain.split("\n")[0].replace(/^"|"$/g, "") || "An output of the notebook");
  const png = data["image/png"] === undefined
    ? undefined
    : `<img src="data:image/png;base64,${textOf(data["image/png"]).replaceAll(/\s/g, "")}" alt="${name}">`;
  const plot = data["application/vnd.plotly.v1+json"] as Plot | undefined;
  if (plot?.data.every(({ type = "scatter" }) => drawn.has(type))) {
    // The picture stays where no script runs; plotly takes its place.
    const { title, ...layout } = plot.layout;
    const json = JSON.stringify({ data: plot.data, layout }).replaceAll("<", "\\u003c");
    return `<p class="plot-title" hidden><b>${
      escapeHtml(title?.text ?? "")
    }</b></p><div ${plotMark} role="img" aria-label="${name}">${png ?? ""}` +
      `<script type="application/json">${json}</script></div>`;
  }
  if (data["text/html"] !== undefined) {
    const html = textOf(data["text/html"]);
    return html.startsWith("<table")
      ? `<div class="scroll" role="region" aria-label="Table" tabindex="0">${html}</div>`
      : html;
  }
  if (data["image/svg+xml"] !== undefined) return textOf(data["image/svg+xml"]);
  if (png) return png;
  if (data["text/markdown"] !== undefined) return renderMarkdown(textOf(data["text/markdown"])).html;
  if (plain !== "") return `<pre>${escapeHtml(plain.replace(/^"([^]*)"$/, "$1"))}</pre>`;
  throw new Error(
    `Rendering ${file} failed: an output is ${
      Object.keys(data).join(", ") || "empty"
    }, which a page cannot show; give ` +
      "it a representation as HTML, image or text.",
  );
}

function plainText(html: string): string {
  return html.replace(/<[^>]*>/g, "").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">").replaceAll("&amp;", "&").trim();
}

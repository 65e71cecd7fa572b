/** The demo's page: one HTML file that needs nothing else. */
import { packageText } from "../../io/package_file.ts";
import { escapeHtml } from "../../report/display.ts";
import type { Figure } from "../../report/figure.ts";
import type { QueryGrid } from "./query_grid.ts";
import type { Table } from "../../report/table.ts";

/** What the page shows. */
export interface DemoPage {
  title: string;
  /** Sentences under the title. */
  facts: string[];
  table: Table;
  tableNote: string;
  figures: Figure[];
  grid: QueryGrid;
  /** Credits of the drawings. */
  sources: string[];
}

/** The page as one HTML text, plotly included. */
export async function demoPage(page: DemoPage): Promise<string> {
  const script = await packageText("npm:plotly.js-basic-dist-min@4.1.1", "plotly-basic.min.js");
  // A "<" inside JSON could close the script element.
  const plots = JSON.stringify(page.figures.map(({ plotly }) => plotly)).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 1560px; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; font-size: 13px } th, td { padding: 3px 8px; border-bottom: 1px solid #ddd }
.wide { overflow-x: auto } .note { color: #555; font-size: 13px }
.grid svg { max-width: 100%; height: auto }
</style>
<script>${script}</script></head><body>
<h1>${escapeHtml(page.title)}</h1>
${page.facts.map((fact) => `<p>${escapeHtml(fact)}</p>`).join("\n")}
<h2>Recall at 1, percent</h2>
<div class="wide">${page.table.html()}</div>
<p class="note">${escapeHtml(page.tableNote)}</p>
${page.figures.map((_, i) => `<div id="figure${i}" style="height:400px"></div>`).join("\n")}
<h2>Queries, before and after: wins and losses</h2>
<p class="note">For each kind of edit the two largest wins that end at rank 1 and the largest loss. A green frame marks a
correct image; # is the rank of the first correct one. The drawings are shown as vectors; the model sees 32 x 32 pixels.</p>
<div class="grid">${page.grid.svg()}</div>
<p class="note">Drawings: ${escapeHtml(page.sources.join("; "))}.</p>
<script>${
    plots.length > 2 ? `${plots}.forEach(({ data, layout }, i) => Plotly.newPlot("figure" + i, data, layout));` : ""
  }</script>
</body></html>
`;
}

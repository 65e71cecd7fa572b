/** The demo's page: one HTML file that needs nothing else. */
import { escapeHtml } from "../../report/display.ts";
import type { Figure } from "../../report/figure.ts";
import { type Headline, headlineHtml } from "../../report/headline.ts";
import { page as htmlPage, scrollingTable } from "../../report/page.ts";
import { pageFigures } from "../../report/page_figures.ts";
import type { Table } from "../../report/table.ts";
import { macroInterval } from "../evaluation/rows.ts";
import type { EmojiScores } from "../evaluation/scores.ts";
import type { QueryGrid } from "./query_grid.ts";

/** What the page shows, in this order. */
export interface DemoPage {
  /** Title of the page. */
  title: string;
  /** The result; {@linkcode demoHeadline} makes it. Left out by default. */
  headline?: Headline;
  /** What the gain costs: one sentence about plain retrieval. Left out by default. */
  cost?: string;
  /** What the result does not say: one sentence. Left out by default. */
  caution?: string;
  /** Further sentences, such as the size of the benchmark, the training and the device. */
  facts: string[];
  /** The figures of all rows, the column that counts first. */
  table: Table;
  /** What the columns mean. */
  tableNote: string;
  /** Queries before and after. */
  grid: QueryGrid;
  /** Charts, such as the training loss. */
  figures: Figure[];
  /** Credits of the drawings. */
  sources: string[];
}

/** Makes the result of fine-tuning: macro R@1 of two systems on the same queries, with the interval of the gain. */
export function demoHeadline(before: EmojiScores, after: EmojiScores): Headline {
  const { macroOver, queries, gallery } = after;
  const counted = queries.filter(({ kind }) => macroOver.includes(kind)).length;
  return {
    metric: "macro R@1",
    value: after.macro["R@1"],
    before: before.macro["R@1"],
    gain: macroInterval(before, after),
    over: `over ${counted} queries of ${macroOver.length} kinds of edit among ${gallery} drawings, from families of ` +
      "emoji that were never trained on",
  };
}

/** Makes the page as one HTML text, plotly included. */
export async function demoPage(
  { title, headline, cost, caution, facts, table, tableNote, grid, figures, sources }: DemoPage,
): Promise<string> {
  const paragraph = (text: string, style = "") => `<p${style && ` class="${style}"`}>${escapeHtml(text)}</p>`;
  const drawn = await pageFigures(figures);
  const body = [
    headline ? headlineHtml(headline) : "",
    cost === undefined ? "" : paragraph(cost),
    caution === undefined ? "" : paragraph(caution, "caution"),
    ...facts.map((fact) => paragraph(fact, headline ? "note" : "")),
    "<h2>Recall at 1, percent</h2>",
    scrollingTable(table, "Recall at 1, percent"),
    paragraph(tableNote, "note"),
    "<h2>Queries, before and after: wins and losses</h2>",
    paragraph(
      "For each kind of edit the two largest wins that end at rank 1 and the largest loss. A green frame with a tick " +
        "marks a correct image; the rank is that of the first correct one. The drawings are shown as vectors; the model " +
        "sees 32 x 32 pixels.",
      "note",
    ),
    grid.html(),
    drawn.body,
    "<h2>Credits</h2>",
    paragraph(`Drawings: ${sources.join("; ")}.`, "note"),
    drawn.script,
  ].filter((part) => part !== "");
  return htmlPage({ title, head: drawn.head, body: body.join("\n") });
}

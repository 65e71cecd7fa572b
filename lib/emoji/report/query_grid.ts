/** Queries with their top images before and after, to be looked at: wins and losses both. */
import type { EmojiBenchmark, EmojiQuery } from "../data/benchmark.ts";
import type { EditKind } from "../data/edits.ts";
import type { IconSet } from "../../embedded/icons.ts";
import type { EmojiScores } from "../evaluation/scores.ts";
import { bestRank } from "../../evaluation/rank_part.ts";
import { escapeHtml, jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "../../report/display.ts";
import { type QueryCard, queryCards } from "../../report/query_cards.ts";
import { wrapText } from "../../report/wrap_text.ts";

/** The ranking results of two systems for one query. */
export interface GridRow {
  /** The query. */
  query: EmojiQuery;
  /** Its conditioning text, in the wording that was used. */
  text: string;
  /** The ranking of the one system, such as the frozen one. */
  before: RankedImages;
  /** The ranking of the other system, such as the fine-tuned one. */
  after: RankedImages;
}

/** Rank of the first correct image, and the best images. */
export interface RankedImages {
  /** Rank of the first correct image, counted from 1. */
  rank: number;
  /** Ids of the best images, best first. */
  top: readonly string[];
}

/** A grid. */
export interface QueryGrid extends Showable {
  /** Its rows. */
  rows: GridRow[];
  /** Returns the grid as one drawing, for a notebook. */
  svg(): string;
  /** Returns the grid as HTML that wraps on a narrow window, for a page. */
  html(): string;
}

/** How kinds of edits are named where their short names would not be understood. */
const kindNames: Partial<Record<EditKind, string>> = { tone: "skin tone", two: "two attributes" };

const cell = 52, rowHeight = 88, labelWidth = 256, top = 5;
const beforeLeft = labelWidth + cell + 34, afterLeft = beforeLeft + top * cell + 60;

/** Makes a grid of queries, each named by its kind of edit; a correct image has a green frame and a tick. */
export function queryGrid(benchmark: EmojiBenchmark, rows: readonly GridRow[]): QueryGrid {
  return {
    rows: [...rows],
    svg: () => gridSvg(benchmark, rows),
    html: () => gridHtml(benchmark, rows),
    async [jupyterDisplay](): Promise<MimeBundle> {
      const plain = rows.map(({ query, text, before, after }) =>
        `${kindName(query)}: ${query.reference.caption} + "${text}" -> ${query.target.caption}: ` +
        `rank ${before.rank} before, ${after.rank} after`
      );
      return { "image/png": await pngOfSvg(this.svg()), "text/plain": plain.join("\n") };
    },
  };
}

function kindName({ kind }: EmojiQuery): string {
  return kindNames[kind] ?? kind;
}

/** Returns the ids of a query's correct images: the target and its duplicates. */
function correctIds({ images, duplicates }: EmojiBenchmark, { target }: EmojiQuery): Set<string> {
  const { codes } = images.noto;
  return new Set(duplicates[codes.indexOf(target.code)].map((i) => `noto/${codes[i]}`));
}

function codeOf(id: string): string {
  return id.slice("noto/".length);
}

function gridSvg(benchmark: EmojiBenchmark, rows: readonly GridRow[]): string {
  const { noto } = benchmark.icons;
  const width = afterLeft + top * cell + 50, height = 34 + rows.length * rowHeight;
  const head = [
    [8, "kind of edit, reference, text"],
    [labelWidth, "image"],
    [beforeLeft, "before: top five"],
    [afterLeft, "after RTD: top five"],
  ] as const;
  const parts = head.map(([x, text]) => drawText(x, 20, text, true));
  rows.forEach(({ query, text, before, after }, i) => {
    const y = 34 + i * rowHeight;
    if (i % 2 === 0) parts.push(`<rect x="0" y="${y}" width="${width}" height="${rowHeight}" fill="#f6f6f6"/>`);
    const lines = [
      { line: kindName(query), bold: true, fill: "#005a94" },
      ...wrapText(query.reference.caption, 38).map((line) => ({ line, bold: false, fill: "#222" })),
      ...wrapText(`+ "${text}"`, 34).map((line) => ({ line, bold: true, fill: "#222" })),
    ];
    lines.forEach(({ line, bold, fill }, k) => parts.push(drawText(8, y + 16 + 14 * k, line, bold, fill)));
    parts.push(drawing(noto, query.reference.code, labelWidth, y + 10));
    const correct = correctIds(benchmark, query);
    for (const [left, { rank, top: best }] of [[beforeLeft, before], [afterLeft, after]] as const) {
      best.slice(0, top).forEach((id, k) =>
        parts.push(drawing(noto, codeOf(id), left + k * cell, y + 10, correct.has(id)))
      );
      parts.push(drawText(left + top * cell + 2, y + 40, `#${rank}`, rank === 1));
    }
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="#fff"/>` +
    `${parts.join("")}</svg>`;
}

function gridHtml(benchmark: EmojiBenchmark, rows: readonly GridRow[]): string {
  const captions = new Map(benchmark.emoji.map(({ code, caption }) => [code, caption]));
  const drawn = new Set<string>();
  const image = (code: string, correct = false) => {
    drawn.add(code);
    const name = escapeHtml(captions.get(code) ?? code);
    return {
      html: `<span class="image"><svg viewBox="0 0 64 64" role="img" aria-label="${name}"><title>${name}</title>` +
        `<use href="#drawing-${code}"/></svg></span>`,
      correct,
    };
  };
  const cards = rows.map(({ query, text, before, after }): QueryCard => {
    const correct = correctIds(benchmark, query);
    const list = (name: string, { rank, top: best }: RankedImages) => ({
      name,
      rank: `rank ${rank}`,
      images: best.slice(0, top).map((id) => image(codeOf(id), correct.has(id))),
    });
    return {
      kind: `Edit: ${kindName(query)}`,
      reference: image(query.reference.code),
      texts: [text],
      note: `from ${query.reference.caption} to ${query.target.caption}`,
      lists: [list("before", before), list("after RTD", after)],
    };
  });
  const html = queryCards(cards);
  // Each drawing stands in the page once, however often it is shown.
  const drawings = [...drawn].map((code) =>
    `<g id="drawing-${code}">${withOwnIds(benchmark.icons.noto.svg(code, 64), code)}</g>`
  );
  return `<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>${
    drawings.join("")
  }</defs></svg>\n${html}`;
}

/**
 * Puts a code before the ids inside a drawing: drawings that are alike share gradients, and a page may have an id once.
 */
function withOwnIds(svg: string, code: string): string {
  return svg.replace(/(\bid="|url\(#|href="#)/g, (start) => `${start}${code}-`);
}

/**
 * Picks rows to show, of each kind of edit in the macro mean: up to two queries that got better and whose correct image
 * is then ranked first, and one that got worse, each the largest changes; ties in query order for what got better, in
 * reverse for what got worse.
 */
export function winsAndLosses(before: EmojiScores, after: EmojiScores): GridRow[] {
  const ranked = ({ results }: EmojiScores, i: number) => ({ rank: bestRank(results[i]), top: results[i].top });
  const rows = before.queries.map((query, i): GridRow => ({
    query,
    text: query.texts[before.setting.wording],
    before: ranked(before, i),
    after: ranked(after, i),
  }));
  // Into the top or out of it matters more than far below it: ranks are compared by their logarithm.
  const gain = ({ before, after }: GridRow) => Math.log(before.rank / after.rank);
  return before.macroOver.flatMap((kind) => {
    const same = rows.filter(({ query }) => query.kind === kind).sort((a, b) => gain(b) - gain(a));
    const wins = same.filter((row) => gain(row) > 0 && row.after.rank === 1).slice(0, 2);
    const losses = same.filter((row) => gain(row) < 0).slice(-1);
    return [...wins, ...losses];
  });
}

function drawing(icons: IconSet, code: string, x: number, y: number, correct = false): string {
  const size = cell - 6;
  const frame = `<rect x="${x - 2}" y="${y - 2}" width="${size + 4}" height="${size + 4}" fill="none" ` +
    `stroke="#009e73" stroke-width="3"/>`;
  const tick = `<rect x="${x + size - 12}" y="${y - 2}" width="14" height="14" fill="#00664a"/>` +
    drawText(x + size - 10, y + 9, "\u2713", true, "#fff");
  const image = `<g transform="translate(${x} ${y})">${icons.svg(code, size)}</g>`;
  return correct ? `${frame}${image}${tick}` : image;
}

function drawText(x: number, y: number, text: string, bold: boolean, fill = "#222"): string {
  return `<text x="${x}" y="${y}" font-family="DejaVu Sans" font-size="11" font-weight="${bold ? "bold" : "normal"}" ` +
    `fill="${fill}">${escapeHtml(text)}</text>`;
}

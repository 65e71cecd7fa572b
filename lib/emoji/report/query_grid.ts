/** Queries with their top images before and after, to be looked at: wins and losses both. */
import type { EmojiBenchmark, EmojiQuery } from "../data/benchmark.ts";
import type { IconSet } from "../data/icons.ts";
import { bestRank, type EmojiScores } from "../evaluation/scores.ts";
import { escapeHtml, jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "../../report/display.ts";
import { wrapText } from "../../report/wrap_text.ts";

/** The ranking results of two systems for one query. */
export interface GridRow {
  query: EmojiQuery;
  text: string;
  before: RankedImages;
  after: RankedImages;
}

/** Rank of the first correct image, and the best images. */
export interface RankedImages {
  /** Counted from 1. */
  rank: number;
  /** Ids of the best images, best first. */
  top: readonly string[];
}

/** A grid. */
export interface QueryGrid extends Showable {
  rows: GridRow[];
  svg(): string;
}

const cell = 52, rowHeight = 76, labelWidth = 256, top = 5;
const beforeLeft = labelWidth + cell + 34, afterLeft = beforeLeft + top * cell + 60;

/** Draws rows of queries; a correct image has a green frame. */
export function queryGrid(benchmark: EmojiBenchmark, rows: readonly GridRow[]): QueryGrid {
  const { icons, images, duplicates } = benchmark;
  const codes = images.noto.codes;
  const indexOf = new Map(codes.map((code, i) => [code, i]));
  const width = afterLeft + top * cell + 50, height = 34 + rows.length * rowHeight;
  const svg = () => {
    const head = [[beforeLeft, "before: top five"], [afterLeft, "after RTD: top five"], [
      labelWidth,
      "image",
    ]] as const;
    const parts = head.map(([x, text]) => words(x, 20, text, true));
    rows.forEach(({ query, text, before, after }, i) => {
      const y = 34 + i * rowHeight;
      if (i % 2 === 0) parts.push(`<rect x="0" y="${y}" width="${width}" height="${rowHeight}" fill="#f6f6f6"/>`);
      const lines = [
        ...wrapText(query.reference.caption, 38).map((line) => ({ line, bold: false })),
        ...wrapText(`+ "${text}"`, 34).map((line) => ({ line, bold: true })),
      ];
      lines.forEach(({ line, bold }, k) => parts.push(words(8, y + 16 + 14 * k, line, bold)));
      parts.push(drawing(icons.noto, query.reference.code, labelWidth, y + 10));
      const correct = new Set(duplicates[indexOf.get(query.target.code)!].map((i) => `noto/${codes[i]}`));
      for (const [left, { rank, top: best }] of [[beforeLeft, before], [afterLeft, after]] as const) {
        best.slice(0, top).forEach((id, k) => {
          const code = id.slice("noto/".length);
          parts.push(drawing(icons.noto, code, left + k * cell, y + 10, correct.has(id)));
        });
        parts.push(words(left + top * cell + 2, y + 40, `#${rank}`, rank === 1));
      }
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" ` +
      `height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="#fff"/>` +
      `${parts.join("")}</svg>`;
  };
  return {
    rows: [...rows],
    svg,
    async [jupyterDisplay](): Promise<MimeBundle> {
      const plain = rows.map(({ query, text, before, after }) =>
        `${query.reference.caption} + "${text}" -> ${query.target.caption}: rank ${before.rank} before, ${after.rank} after`
      );
      return { "image/png": await pngOfSvg(svg()), "text/plain": plain.join("\n") };
    },
  };
}

/**
 * Picks rows to show: of each kind of edit one that got better and one that got worse, where there is one, each the
 * largest change; ties in query order.
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

function drawing(icons: IconSet, code: string, x: number, y: number, framed = false): string {
  const size = cell - 6;
  const frame = framed
    ? `<rect x="${x - 2}" y="${y - 2}" width="${size + 4}" height="${
      size + 4
    }" fill="none" stroke="#009e73" stroke-width="3"/>`
    : "";
  return `${frame}<g transform="translate(${x} ${y})">${icons.svg(code, size)}</g>`;
}

function words(x: number, y: number, text: string, bold: boolean): string {
  return `<text x="${x}" y="${y}" font-family="DejaVu Sans" font-size="11" font-weight="${bold ? "bold" : "normal"}" ` +
    `fill="#222">${escapeHtml(text)}</text>`;
}

/** A row of drawings with a caption under each. */
import type { IconSet } from "../data/icons.ts";
import { escapeHtml, jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "../../report/display.ts";
import { wrapText } from "../../report/wrap_text.ts";

/** A drawing to show. */
export interface StripImage {
  /** Code of the emoji. */
  code: string;
  /** Text under the image. */
  caption: string;
}

const cell = 130, size = 72, perRow = 7;

/** Draws a strip, broken into rows of seven. */
export function imageStrip(icons: IconSet, shown: readonly StripImage[]): Showable {
  const rows = Math.ceil(shown.length / perRow), width = cell * Math.min(perRow, shown.length), height = 128 * rows;
  const parts = shown.map(({ code, caption }, i) => {
    const x = i % perRow * cell, y = Math.floor(i / perRow) * 128;
    const lines = wrapText(caption, 20).slice(0, 3).map((line, k) =>
      `<text x="${x + cell / 2}" y="${y + size + 22 + k * 13}" text-anchor="middle" font-family="DejaVu Sans" ` +
      `font-size="10" fill="#222">${escapeHtml(line)}</text>`
    );
    return `<g transform="translate(${x + (cell - size) / 2} ${y + 4})">${icons.svg(code, size)}</g>${lines.join("")}`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="#fff"/>` +
    `${parts.join("")}</svg>`;
  return {
    async [jupyterDisplay](): Promise<MimeBundle> {
      return { "image/png": await pngOfSvg(svg), "text/plain": shown.map(({ caption }) => caption).join("; ") };
    },
  };
}

/** A row of drawings with a caption under each. */
import type { IconSet } from "../../embedded/icons.ts";
import { escapeHtml, jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "../../report/display.ts";
import { wrapText } from "../../report/wrap_text.ts";

/** A drawing to show. */
export interface StripImage {
  /** Code of the emoji. */
  code: string;
  /** Text under the image. */
  caption: string;
}

const cell = 130, size = 72, perRow = 7, lineHeight = 13;

/** Draws a strip, broken into rows of seven. */
export function imageStrip(icons: IconSet, shown: readonly StripImage[]): Showable {
  const captions = shown.map(({ caption }) => wrapText(caption, 20));
  const rowHeight = size + 17 + lineHeight * Math.max(3, ...captions.map((lines) => lines.length));
  const width = cell * Math.min(perRow, shown.length), height = rowHeight * Math.ceil(shown.length / perRow);
  const parts = shown.map(({ code }, i) => {
    const x = i % perRow * cell, y = Math.floor(i / perRow) * rowHeight;
    const lines = captions[i].map((line, k) =>
      `<text x="${x + cell / 2}" y="${
        y + size + 22 + k * lineHeight
      }" text-anchor="middle" font-family="DejaVu Sans" ` +
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

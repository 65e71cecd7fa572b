/** Sheets of scenes to be looked at: images with their captions, and queries with their correct images. */
import { encodePng } from "../../io/png.ts";
import { escapeHtml, jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "../../report/display.ts";
import { wrapText } from "../../report/wrap_text.ts";
import { renderings, type ScenesBenchmark } from "../data/benchmark.ts";
import { sceneSize } from "../data/draw_scene.ts";
import type { SceneWording } from "../data/wording.ts";

/** A sheet: one drawing. */
export interface SceneSheet extends Showable {
  /** The drawing. */
  svg: string;
}

const shown = 96, cell = 132, lineHeight = 13, textWidth = 21;

/** Draws the first rendering of some scenes, each with its caption. @param scenes indices of the scenes */
export function sceneSheet(benchmark: ScenesBenchmark, scenes: readonly number[], perRow = 6): SceneSheet {
  const captions = scenes.map((scene) => wrapText(benchmark.captions[scene], textWidth));
  const rowHeight = shown + 16 + lineHeight * Math.max(...captions.map(({ length }) => length));
  const parts = scenes.map((scene, i) => {
    const x = i % perRow * cell, y = Math.floor(i / perRow) * rowHeight;
    return image(benchmark, scene, 0, x + (cell - shown) / 2, y + 4) +
      lines(captions[i], x + cell / 2, y + shown + 18, "middle");
  });
  const text = scenes.map((scene) => benchmark.captions[scene]).join("; ");
  return sheet(cell * Math.min(perRow, scenes.length), rowHeight * Math.ceil(scenes.length / perRow), parts, text);
}

/** Draws queries: the reference, the conditioning text, and both correct images. @param queries indices of the queries */
export function querySheet(
  benchmark: ScenesBenchmark,
  queries: readonly number[],
  wording: SceneWording = "seen",
): SceneSheet {
  const rowHeight = shown + 14, textLeft = shown + 20, targetLeft = textLeft + 200;
  const parts = queries.map((at, row) => {
    const { aspect, reference, target, texts } = benchmark.queries[at], y = row * rowHeight + 6;
    return [
      image(benchmark, reference, 0, 6, y),
      lines([aspect], textLeft, y + 22, "start", true),
      lines(wrapText(`+ "${texts[wording]}"`, 30), textLeft, y + 42, "start"),
      ...Array.from({ length: renderings }, (_, i) => image(benchmark, target, i, targetLeft + i * (shown + 8), y)),
    ].join("");
  });
  const text = queries.map((at) => {
    const { reference, target, texts } = benchmark.queries[at], { captions } = benchmark;
    return `${captions[reference]} + "${texts[wording]}" -> ${captions[target]}`;
  });
  return sheet(targetLeft + renderings * (shown + 8) + 6, rowHeight * queries.length, parts, text.join("; "));
}

function sheet(width: number, height: number, parts: readonly string[], text: string): SceneSheet {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ` +
    `${height}"><rect width="${width}" height="${height}" fill="#fff"/>${parts.join("")}</svg>`;
  return {
    svg,
    async [jupyterDisplay](): Promise<MimeBundle> {
      return { "image/png": await pngOfSvg(svg), "text/plain": text };
    },
  };
}

/** One rendering of a scene. */
function image({ gallery }: ScenesBenchmark, scene: number, rendering: number, x: number, y: number): string {
  const bytes = sceneSize * sceneSize * 3, from = (scene * renderings + rendering) * bytes;
  const png = encodePng(gallery.subarray(from, from + bytes), sceneSize, sceneSize).toBase64();
  return `<image x="${x}" y="${y}" width="${shown}" height="${shown}" href="data:image/png;base64,${png}"/>`;
}

function lines(texts: readonly string[], x: number, y: number, anchor: "start" | "middle", bold = false): string {
  return texts.map((text, i) =>
    `<text x="${x}" y="${y + i * lineHeight}" text-anchor="${anchor}" font-family="DejaVu Sans" font-size="11" ` +
    `font-weight="${bold ? "bold" : "normal"}" fill="#222">${escapeHtml(text)}</text>`
  ).join("");
}

/** The picture of a notebook in the gallery. */
import { loadSharp } from "../../lib/io/load_sharp.ts";
import { escapeHtml, pngOfSvg } from "../../lib/report/display.ts";
import { stripVTControlCharacters } from "node:util";
import { type Notebook, type Output, outputsOf, textOf } from "./notebook.ts";

const [width, height] = [640, 360];

/**
 * Returns the address of a small picture (`data:`): of the cell tagged "thumbnail", else the largest picture that is no
 * figure, else the first figure, else the first table as text. What does not fit is cut off below.
 *
 * @throws {Error} if the notebook shows none of these
 */
export async function notebookThumbnail(notebook: Notebook, file: string): Promise<string> {
  const outputs = notebook.cells.flatMap(({ outputs = [] }) => outputs);
  const tagged = notebook.cells.filter(({ metadata }) => metadata.tags?.includes("thumbnail"));
  const pictures = outputs.filter(({ data }) => data?.["image/png"] && !data["application/vnd.plotly.v1+json"])
    .map(({ data }) => textOf(data!["image/png"])).sort((a, b) => b.length - a.length);
  const png = outputsOf({ cells: tagged }, "image/png")[0] ?? pictures[0] ?? outputsOf(notebook, "image/png")[0] ??
    await firstTable(outputs, file);
  const image = (await loadSharp())(Uint8Array.fromBase64(png)).flatten({ background: "#fff" });
  const shape = await image.metadata(), tall = shape.height / shape.width > height / width;
  const small = await image
    .resize({ width, height, fit: tall ? "cover" : "contain", position: "top", background: "#fff" })
    .webp({ quality: 85 }).toBuffer();
  return `data:image/webp;base64,${small.toString("base64")}`;
}

/** Draws the first table of a notebook, as much of it as fits. */
async function firstTable(outputs: readonly Output[], file: string): Promise<string> {
  const cell = outputs.find(({ data }) => data?.["text/html"]);
  if (!cell?.data?.["text/plain"]) {
    throw new Error(`Rendering ${file} failed: it shows neither a picture nor a table for the gallery.`);
  }
  const lines = stripVTControlCharacters(textOf(cell.data["text/plain"])).split("\n").slice(0, 12);
  const texts = lines.map((line, i) =>
    `<text x="20" y="${40 + 26 * i}" xml:space="preserve" font-size="15">${escapeHtml(line.slice(0, 64))}</text>`
  );
  return await pngOfSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans" ` +
      `fill="#1d1f21"><rect width="100%" height="100%" fill="#fff"/>${texts.join("")}</svg>`,
    1,
  );
}

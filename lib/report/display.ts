/** Results that can show themselves: in Jupyter as plotly, image and text together, in a page as HTML. */
import { packageBytes } from "../io/package_file.ts";
import { rasterisePng, startRasteriser } from "../io/rasterise_svg.ts";

/** The method that Deno's Jupyter kernel calls on a cell's last value. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;

/** Representations of one result by MIME type; a front end shows the richest it knows. */
export type MimeBundle = Record<string, unknown>;

/** Anything that shows itself in a notebook. */
export interface Showable {
  [jupyterDisplay](): MimeBundle | Promise<MimeBundle>;
}

let fonts: Uint8Array[] | undefined;

/** An SVG with texts in "DejaVu Sans" as a PNG file in base64, larger than the SVG so that it is sharp. */
export async function pngOfSvg(svg: string, scale = 1.3): Promise<string> {
  await startRasteriser();
  const font = (name: string) => packageBytes("npm:dejavu-fonts-ttf@2.37.3", `ttf/${name}.ttf`);
  fonts ??= await Promise.all([font("DejaVuSans"), font("DejaVuSans-Bold")]);
  return rasterisePng(svg, fonts, scale).toBase64();
}

/** A text as it may stand in HTML or SVG. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

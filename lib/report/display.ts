/** Results with representations for a notebook: plotly, image, HTML and text. */
import { packageBytes } from "../io/package_file.ts";
import { rasterisePng, startRasteriser } from "../io/rasterise_svg.ts";

/** Key of the method that Deno's Jupyter kernel calls on a cell's last value. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display") as never;

/** Representations of one result by MIME type; a front end shows the richest that it supports. */
export type MimeBundle = Record<string, unknown>;

/** A value that a notebook displays when it is the last of a cell. */
export interface Showable {
  /** Returns the representations of the value. */
  [jupyterDisplay](): MimeBundle | Promise<MimeBundle>;
}

let fonts: Uint8Array[] | undefined;

/**
 * Renders an SVG whose texts are in "DejaVu Sans" as a PNG file in base64.
 *
 * @param scale size of the PNG relative to the SVG; 1.3 by default, which looks sharp on most screens
 */
export async function pngOfSvg(svg: string, scale = 1.3): Promise<string> {
  await startRasteriser();
  const font = (name: string) => packageBytes("npm:dejavu-fonts-ttf@2.37.3", `ttf/${name}.ttf`);
  fonts ??= await Promise.all([font("DejaVuSans"), font("DejaVuSans-Bold")]);
  return rasterisePng(svg, fonts, scale).toBase64();
}

/** Escapes a text for HTML and SVG. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

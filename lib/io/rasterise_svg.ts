/** SVG to pixels, by `resvg` compiled to WebAssembly. */
import { initWasm, Resvg } from "npm:@resvg/resvg-wasm@2.6.2";

let ready: Promise<unknown> | undefined;

/** Initialises the rasteriser, once a process; the functions below need it. */
export async function startRasteriser(): Promise<void> {
  ready ??= load();
  await ready;
}

async function load(): Promise<void> {
  // @ts-ignore: TypeScript does not know the source phase yet; the runtime returns a compiled WebAssembly.Module.
  const module: WebAssembly.Module = await import.source("npm:@resvg/resvg-wasm@2.6.2/index_bg.wasm");
  await initWasm(module);
}

/**
 * Draws an SVG at its own size; {@linkcode startRasteriser} must have been awaited.
 *
 * @param background a colour; "transparent" leaves what is not drawn on transparent. White by default
 * @returns `[height, width, 4]` bytes, red-green-blue-alpha, the colours multiplied by alpha
 * @throws {Error} with the rasteriser's reason
 */
export function rasterise(svg: string, background: string | "transparent" = "#ffffff"): Uint8Array {
  const renderer = new Resvg(svg, background === "transparent" ? {} : { background });
  // A renderer that threw is left to the collector: freeing it throws a second error that would hide the first.
  const image = renderer.render();
  const pixels = image.pixels;
  image.free();
  renderer.free();
  return pixels;
}

/**
 * Draws an SVG with texts as a PNG file, `scale` times its own size; {@linkcode startRasteriser} must have been
 * awaited.
 * @param fonts TrueType files; the first's family is "DejaVu Sans"
 */
export function rasterisePng(svg: string, fonts: Uint8Array[], scale: number): Uint8Array {
  const renderer = new Resvg(svg, {
    background: "#ffffff",
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: fonts, defaultFontFamily: "DejaVu Sans" },
  });
  const image = renderer.render();
  const png = image.asPng();
  image.free();
  renderer.free();
  return png;
}

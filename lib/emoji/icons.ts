/** The drawings as vectors: SVG icons of three packages, by emoji code. */
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { pictureCode } from "./catalogue.ts";

/** The three styles: the gallery, the second training style, and the style that pretraining never sees. */
export const pictureStyles = ["noto", "twemoji", "fluent"] as const;
/** One of {@linkcode pictureStyles}. */
export type PictureStyle = typeof pictureStyles[number];

/** A style's icons. */
export interface IconSet {
  style: PictureStyle;
  /** Name and version of the package, its licence and author. */
  source: string;
  /** Name of the icon for each code, sorted by code. */
  names: Map<string, string>;
  /** The whole SVG of a code, to be drawn `size` pixels wide. @throws {Error} if the package has no drawing of it */
  svg(code: string, size: number): string;
}

const packages = { noto: "noto", twemoji: "twemoji", fluent: "fluent-emoji-flat" } as const;

interface IconFile {
  width?: number;
  height?: number;
  icons: Record<string, { body: string; width?: number; height?: number }>;
  aliases?: Record<string, { parent: string }>;
}

/** Reads a style's package. */
export async function loadIcons(style: PictureStyle): Promise<IconSet> {
  const name = `@iconify-json/${packages[style]}`;
  const read = async (file: string) => JSON.parse(await Deno.readTextFile(packageFile(name, file)));
  const [file, characters, info, { version }] = await Promise.all(
    ["icons.json", "chars.json", "info.json", "package.json"].map(read),
  ) as [IconFile, Record<string, string>, { license: { spdx: string }; author: { name: string } }, { version: string }];

  const names = new Map<string, string>();
  for (const [hexcode, icon] of Object.entries(characters)) {
    const code = pictureCode(hexcode);
    if (!names.has(code)) names.set(code, icon);
  }
  return {
    style,
    source: `${name}@${version} (${info.license.spdx}, ${info.author.name})`,
    names: new Map([...names].sort(([a], [b]) => a < b ? -1 : 1)),
    svg(code, size) {
      const name = names.get(code) ?? "";
      const icon = file.icons[name] ?? file.icons[file.aliases?.[name]?.parent ?? ""];
      if (!icon) throw new Error("the package has no drawing of it");
      const width = icon.width ?? file.width ?? 16, height = icon.height ?? file.height ?? 16;
      return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
        `viewBox="0 0 ${width} ${height}" width="${size}" height="${size}">${icon.body}</svg>`;
    },
  };
}

let ready: Promise<unknown> | undefined;

/** Makes the rasteriser ready (once a process). */
export async function startRasteriser(): Promise<void> {
  ready ??= initWasm(await Deno.readFile(packageFile("@resvg/resvg-wasm", "index_bg.wasm")));
  await ready;
}

/**
 * Draws an SVG on white, at its own size; {@linkcode startRasteriser} must have been awaited.
 *
 * @returns `[height, width, 4]` bytes, red-green-blue-alpha
 * @throws {Error} with the rasteriser's reason
 */
export function rasterise(svg: string): Uint8Array {
  const renderer = new Resvg(svg, { background: "#ffffff" });
  // A renderer that threw is left to the collector: freeing it throws a second error that would hide the first.
  const image = renderer.render();
  const pixels = image.pixels;
  image.free();
  renderer.free();
  return pixels;
}

/**
 * Draws an SVG with texts as a PNG file, `scale` times its own size.
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

/** A file of an installed package. */
export function packageFile(name: string, file: string): URL {
  return new URL(`../../node_modules/${name}/${file}`, import.meta.url);
}

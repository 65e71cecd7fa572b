/**
 * The drawings, as pixels: SVG icons of three packages, rasterised by `@resvg/resvg-wasm` on white.
 *
 * An icon that the rasteriser cannot draw is counted and named, never dropped in silence.
 */
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { pictureCode } from "./catalogue.ts";

/** The three styles: the gallery, the second training style, and the style that pretraining never sees. */
export const pictureStyles = ["noto", "twemoji", "fluent"] as const;
/** One of {@linkcode pictureStyles}. */
export type PictureStyle = typeof pictureStyles[number];

/** Side of a picture, pixels. */
export const pictureSize = 32;

/** All pictures of a style, in the order of their codes. */
export interface PictureSet {
  style: PictureStyle;
  /** Name and version of the package, its licence and author. */
  source: string;
  codes: string[];
  /** `[N, 32, 32, 3]` bytes, red-green-blue. */
  pixels: Uint8Array;
  /** Icons that could not be drawn, each with its reason. */
  failed: { code: string; icon: string; reason: string }[];
}

const packages = { noto: "noto", twemoji: "twemoji", fluent: "fluent-emoji-flat" } as const;

interface IconFile {
  width?: number;
  height?: number;
  icons: Record<string, { body: string; width?: number; height?: number }>;
  aliases?: Record<string, { parent: string }>;
}

let ready: Promise<unknown> | undefined;

/**
 * Draws the pictures of a style for the given codes; a code that the style has no icon for is left out.
 * @param progress Called with done and total, now and then.
 */
export async function drawPictures(
  style: PictureStyle,
  wanted: ReadonlySet<string>,
  progress: (done: number, total: number) => void = () => {},
): Promise<PictureSet> {
  ready ??= initWasm(await Deno.readFile(packageFile("@resvg/resvg-wasm", "index_bg.wasm")));
  await ready;
  const name = `@iconify-json/${packages[style]}`;
  const read = async (file: string) => JSON.parse(await Deno.readTextFile(packageFile(name, file)));
  const [file, characters, info, { version }] = await Promise.all(
    ["icons.json", "chars.json", "info.json", "package.json"].map(read),
  ) as [IconFile, Record<string, string>, { license: { spdx: string }; author: { name: string } }, { version: string }];

  const icons = new Map<string, string>();
  for (const [hexcode, icon] of Object.entries(characters)) {
    const code = pictureCode(hexcode);
    if (wanted.has(code) && !icons.has(code)) icons.set(code, icon);
  }
  const order = [...icons.keys()].sort();
  const codes: string[] = [], failed: PictureSet["failed"] = [];
  const bytes = pictureSize * pictureSize * 3;
  const pixels = new Uint8Array(order.length * bytes);
  for (const [index, code] of order.entries()) {
    const icon = icons.get(code)!;
    try {
      pixels.set(draw(file, icon), codes.length * bytes);
      codes.push(code);
    } catch (error) {
      failed.push({ code, icon, reason: error instanceof Error ? error.message : String(error) });
    }
    if (index % 100 === 99) {
      progress(index + 1, order.length);
      await new Promise((resume) => setTimeout(resume, 0));
    }
  }
  const source = `${name}@${version} (${info.license.spdx}, ${info.author.name})`;
  return { style, source, codes, pixels: pixels.slice(0, codes.length * bytes), failed };
}

/** One icon as `[32, 32, 3]` bytes. */
function draw(file: IconFile, name: string): Uint8Array {
  const icon = file.icons[name] ?? file.icons[file.aliases?.[name]?.parent ?? ""];
  if (!icon) throw new Error("the package lists it and has no drawing of it");
  const width = icon.width ?? file.width ?? 16, height = icon.height ?? file.height ?? 16;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
    `viewBox="0 0 ${width} ${height}" width="${pictureSize}" height="${pictureSize}">${icon.body}</svg>`;
  const renderer = new Resvg(svg, { background: "#ffffff" });
  // A renderer that threw is left to the collector: freeing it throws a second error that would hide the first.
  const image = renderer.render();
  const rgba = image.pixels;
  image.free();
  renderer.free();
  const rgb = new Uint8Array(pictureSize * pictureSize * 3);
  for (let i = 0; i < pictureSize * pictureSize; i++) rgb.set(rgba.subarray(i * 4, i * 4 + 3), i * 3);
  return rgb;
}

function packageFile(name: string, file: string): URL {
  return new URL(`../../node_modules/${name}/${file}`, import.meta.url);
}

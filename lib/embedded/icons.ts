/** SVG icons of emoji from three npm packages, by emoji code. */
import { packageJson } from "../io/package_file.ts";
import { imageCode } from "./image_code.ts";

/** A style of images: Noto is the gallery, Twemoji is a second style for pretraining, Fluent is never pretrained on. */
export type ImageStyle = "noto" | "twemoji" | "fluent";

/** A style of the benchmark's images. */
export type BenchmarkStyle = "noto" | "fluent";

/** The styles of the benchmark's images. */
export const benchmarkStyles: readonly BenchmarkStyle[] = ["noto", "fluent"];

/** The icons of a style. */
export interface IconSet {
  /** The style. */
  style: ImageStyle;
  /** Name and version of the package, its licence and author. */
  source: string;
  /** Name of the icon for each code, sorted by code. */
  names: Map<string, string>;
  /**
   * Returns the SVG document of an emoji.
   *
   * @param size width and height, pixels
   * @throws {Error} if the package has no icon of it
   */
  svg(code: string, size: number): string;
}

/** The package of each style. */
const packages = {
  noto: "@iconify-json/noto@1.2.9",
  twemoji: "@iconify-json/twemoji@1.2.5",
  fluent: "@iconify-json/fluent-emoji-flat@1.2.6",
} as const;

interface IconFile {
  width?: number;
  height?: number;
  icons: Record<string, { body: string; width?: number; height?: number }>;
  aliases?: Record<string, { parent: string }>;
}

/** Reads the icons of a style from its package. @throws {Error} if the package cannot be read */
export async function loadIcons(style: ImageStyle): Promise<IconSet> {
  const source = packages[style];
  const read = <T>(file: string) => packageJson<T>(`npm:${source}/${file}`);
  const file = await read<IconFile>("icons.json"), characters = await read<Record<string, string>>("chars.json");
  const info = await read<{ license: { spdx: string }; author: { name: string } }>("info.json");

  const names = new Map<string, string>();
  for (const [hexcode, icon] of Object.entries(characters)) {
    const code = imageCode(hexcode);
    if (!names.has(code)) names.set(code, icon);
  }
  return {
    style,
    source: `${source} (${info.license.spdx}, ${info.author.name})`,
    names: new Map([...names].sort(([a], [b]) => a < b ? -1 : 1)),
    svg(code, size) {
      const name = names.get(code) ?? "";
      const icon = file.icons[name] ?? file.icons[file.aliases?.[name]?.parent ?? ""];
      if (!icon) throw new Error(`Drawing the emoji ${code} failed: ${source} has no icon of it.`);
      const width = icon.width ?? file.width ?? 16, height = icon.height ?? file.height ?? 16;
      return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
        `viewBox="0 0 ${width} ${height}" width="${size}" height="${size}">${icon.body}</svg>`;
    },
  };
}

/**
 * Images of emoji: icons rasterised on white, as the image tower reads them. An icon that the rasteriser cannot draw is
 * listed with its reason.
 */
import type { IconSet, ImageStyle } from "../../embedded/icons.ts";
import { rasterise, startRasteriser } from "../../io/rasterise_svg.ts";

/** Width and height of an image, pixels. */
export const emojiSize = 32;

/** All images of a style, in the order of their codes. */
export interface ImageSet {
  /** The style. */
  style: ImageStyle;
  /** Name and version of the package, its licence and author. */
  source: string;
  /** Codes of the N images, sorted. */
  codes: string[];
  /** `[N, 32, 32, 3]` bytes: red, green, blue. */
  pixels: Uint8Array;
  /** Icons that could not be drawn, each with its reason. */
  failed: { code: string; icon: string; reason: string }[];
}

/**
 * Rasterises the icons of a style for the given codes; a code without an icon in this style is left out.
 *
 * @param wanted codes to draw
 * @param onDrawn called with the number of icons done, after every hundred
 */
export async function drawImages(
  icons: IconSet,
  wanted: ReadonlySet<string>,
  onDrawn: (done: number) => void = () => {},
): Promise<ImageSet> {
  await startRasteriser();
  const order = [...icons.names.keys()].filter((code) => wanted.has(code));
  const codes: string[] = [], failed: ImageSet["failed"] = [];
  const area = emojiSize * emojiSize, bytes = area * 3;
  const pixels = new Uint8Array(order.length * bytes);
  for (const [index, code] of order.entries()) {
    try {
      const rgba = rasterise(icons.svg(code, emojiSize));
      const start = codes.length * bytes;
      for (let i = 0; i < area; i++) pixels.set(rgba.subarray(i * 4, i * 4 + 3), start + i * 3);
      codes.push(code);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failed.push({ code, icon: icons.names.get(code)!, reason });
    }
    if (index % 100 === 99) {
      onDrawn(index + 1);
      await new Promise((resume) => setTimeout(resume, 0));
    }
  }
  return { style: icons.style, source: icons.source, codes, pixels: pixels.slice(0, codes.length * bytes), failed };
}

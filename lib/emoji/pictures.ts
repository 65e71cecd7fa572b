/**
 * The drawings as pixels, on white: what the model sees.
 *
 * An icon that the rasteriser cannot draw is counted and named, never dropped in silence.
 */
import { type IconSet, type PictureStyle, rasterise, startRasteriser } from "./icons.ts";

/** Side of a picture, pixels. */
export const pictureSize = 32;

/** All pictures of a style, in the order of their codes. */
export interface PictureSet {
  style: PictureStyle;
  source: string;
  codes: string[];
  /** `[N, 32, 32, 3]` bytes, red-green-blue. */
  pixels: Uint8Array;
  /** Icons that could not be drawn, each with its reason. */
  failed: { code: string; icon: string; reason: string }[];
}

/**
 * Draws the pictures of a style for the given codes; a code that the style has no icon for is left out.
 * @param onDrawn called with the number of icons done, now and then
 */
export async function drawPictures(
  icons: IconSet,
  wanted: ReadonlySet<string>,
  onDrawn: (done: number) => void = () => {},
): Promise<PictureSet> {
  await startRasteriser();
  const order = [...icons.names.keys()].filter((code) => wanted.has(code));
  const codes: string[] = [], failed: PictureSet["failed"] = [];
  const area = pictureSize * pictureSize, bytes = area * 3;
  const pixels = new Uint8Array(order.length * bytes);
  for (const [index, code] of order.entries()) {
    try {
      const rgba = rasterise(icons.svg(code, pictureSize));
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

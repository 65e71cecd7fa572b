/** Duplicates: images of a style that are equal pixel for pixel. A query for one of them accepts all of them. */
import { emojiSize, type ImageSet } from "./images.ts";

/** Returns, for each image, the indices of all images with the same pixels, itself included. */
export function imageDuplicates({ codes, pixels }: Pick<ImageSet, "codes" | "pixels">): number[][] {
  const bytes = emojiSize * emojiSize * 3;
  const keys = codes.map((_, i) => pixels.subarray(i * bytes, (i + 1) * bytes).toBase64());
  const groups = Map.groupBy(keys.keys(), (i) => keys[i]);
  return keys.map((key) => groups.get(key)!);
}

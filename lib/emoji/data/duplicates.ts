/** Images that are the same pixel for pixel: whoever asks for one must accept the other. */
import { emojiSize, type ImageSet } from "./images.ts";

/** For each image the places of all images with its very pixels, itself included. */
export function imageDuplicates({ codes, pixels }: Pick<ImageSet, "codes" | "pixels">): number[][] {
  const bytes = emojiSize * emojiSize * 3;
  const groups = new Map<string, number[]>();
  const groupOf = codes.map((_, i) => {
    const key = pixels.subarray(i * bytes, (i + 1) * bytes).toBase64();
    const group = groups.get(key) ?? [];
    group.push(i);
    groups.set(key, group);
    return group;
  });
  return groupOf;
}

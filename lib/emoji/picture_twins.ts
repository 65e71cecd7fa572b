/** Pictures that are the same pixel for pixel: whoever asks for one must accept the other. */
import { type PictureSet, pictureSize } from "./pictures.ts";

/** For each picture the places of all pictures with its very pixels, itself included. */
export function pictureTwins({ codes, pixels }: Pick<PictureSet, "codes" | "pixels">): number[][] {
  const bytes = pictureSize * pictureSize * 3;
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

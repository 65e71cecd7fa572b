/** Boxes dilated as GeneCIS' attribute tasks have them are cut out, padded and resized as Pillow does it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeImageFiles } from "../../lib/clip/images/image_features.ts";
import { type ImageSource, readImages } from "../../lib/clip/images/image_files.ts";
import type { Preprocessing } from "../../lib/clip/images/preprocess.ts";
import { type Box, checkRegion, type ImageSize } from "../../lib/clip/images/region.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { filePath } from "../../lib/io/path.ts";
import { readGolden } from "../golden.ts";

interface DilatedBoxes {
  dilation: number;
  cases: { what: string; name: string; crop: Box; part: [number, number]; expected: string }[];
}

const golden = readGolden<DilatedBoxes>("dilated_boxes.json"), { dilation } = golden;
const images = filePath(new URL("../goldens/images/", import.meta.url));
const path = `${images}odd_33x47.png`;
const sizes: Record<string, ImageSize> = { "odd_33x47.png": [33, 47], "rgb.png": [70, 50], "grey.png": [61, 47] };

/** Reads an image as bytes instead of normalised floats. */
async function readBytes(file: ImageSource, targetPad?: number): Promise<Uint8Array> {
  const preprocessing: Preprocessing = {
    size: 16,
    mean: [0, 0, 0],
    standardDeviation: [1 / 255, 1 / 255, 1 / 255],
    targetPad,
  };
  return Uint8Array.from(await readImages({ preprocessing }, [file]), Math.round);
}

for (const { what, name, crop, part, expected } of golden.cases) {
  Deno.test(`dilation: a part is read as Pillow reads it (${what})`, async () => {
    const [, , width, height] = checkRegion({ crop, dilation }, sizes[name], "x")!;
    assertEquals([width, height], part);
    const file = { path: `${images}${name}`, crop, dilation };
    assertEquals(await readBytes(file), Uint8Array.fromBase64(expected));
    // A square leaves nothing to pad for SEARLE's preprocessing.
    assertEquals(await readBytes(file, 1.25), Uint8Array.fromBase64(expected));
  });
}

Deno.test("dilation: sides are counted from the clamped corner, and halves are rounded to the even pixel", () => {
  const boxOf = (crop: Box, dilation = 0.7) => checkRegion({ crop, dilation }, [100, 80], "x");
  assertEquals(boxOf([40, 30, 20, 10]), [26, 23, 34, 17]);
  // Left would be -4: the right edge is 0 + 34, not -4 + 34.
  assertEquals(boxOf([10, 30, 20, 10]), [0, 23, 34, 17]);
  assertEquals(boxOf([40, 2, 20, 10]), [26, 0, 34, 17]);
  assertEquals(boxOf([85, 30, 20, 10]), [71, 23, 29, 17]);
  assertEquals(boxOf([40, 74, 20, 10]), [26, 67, 34, 13]);
  // 6.5 to 15 and 7.5 to 16; the top 26.5 to 35 and 27.5 to 36.
  assertEquals(boxOf([10, 30, 5, 5]), [6, 26, 9, 9]);
  assertEquals(boxOf([11, 31, 5, 5]), [8, 28, 8, 8]);
  assertEquals(boxOf([10, 30, 5, 5], 0), [10, 30, 5, 5]);
});

Deno.test("dilation: one that is none, and a box that has no pixel of its image, are refused by name", async () => {
  const refused = (file: object, message: string) =>
    assertRejects(() => readBytes({ path, ...file }), Error, `Reading ${path} failed: the image${message}`);
  await refused({ dilation }, " has a dilation and no box");
  await refused({ crop: [1, 1, 5, 5], dilation: -0.1 }, " has the dilation -0.1, expected is a number, 0 or more");
  await refused({ crop: [1, 1, 5, 5], dilation: NaN }, " has the dilation ");
  await refused({ crop: [NaN, 1, 5, 5], dilation }, " has the box [NaN,1,5,5], expected are four numbers");
  await refused({ crop: [1, 1, 0, 5], dilation }, " has the box [1,1,0,5], which has no area");
  await refused({ crop: [-9, 1, 9, 5], dilation }, " has the box [-9,1,9,5], which lies outside its 33 x 47 image");
  await refused({ crop: [34, 1, 9, 5], dilation }, " has the box [34,1,9,5], which lies outside its 33 x 47 image");
  await refused(
    { crop: [10.4, 9, 0.1, 0.1], dilation },
    ", whose box [10.4,9,0.1,0.1] was dilated, has the box [10,9,0,0], which has no area",
  );
});

Deno.test("dilation: features of another dilation, or of none, are not taken from the cache", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder(), { towers: "image" });
  const cache = await Deno.makeTempDir(), crop: Box = [12, 20, 5, 3];
  const encode = async (region: object) => {
    const { features, encoded } = await encodeImageFiles(clip, [{ id: "a", path, crop, ...region }], { cache });
    features.dispose();
    return encoded;
  };
  assertEquals(await encode({}), 1);
  await assertRejects(() => encode({ dilation }), Error, "has changed since");
  await Deno.remove(cache, { recursive: true });
  assert(await encode({ dilation }) === 1 && await encode({ dilation }) === 0);
  await assertRejects(() => encode({ dilation: 0.5 }), Error, "has changed since");
  await assertRejects(() => encode({}), Error, "has changed since");
  await Deno.remove(cache, { recursive: true });
});

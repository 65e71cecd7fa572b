/** Objects are cut out along their outlines as COCO's own masks and Pillow do it. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { encodeImageFiles } from "../../lib/clip/images/image_features.ts";
import { type ImageSource, readImages } from "../../lib/clip/images/image_files.ts";
import { type Outline, outlineMask } from "../../lib/clip/images/outline.ts";
import type { Preprocessing } from "../../lib/clip/images/preprocess.ts";
import { type Box, checkOutline } from "../../lib/clip/images/region.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { filePath } from "../../lib/io/path.ts";
import { sha256 } from "../../lib/io/hash.ts";
import { readGolden } from "../golden.ts";

interface ObjectQueries {
  size: number;
  cases: {
    what: string;
    name: string;
    size: [number, number];
    outline: Outline;
    crop: Box;
    pixels: number;
    mask: string;
    expected: string;
  }[];
  /** First 16 digits of the SHA-256 of each object's mask, by the object's id. */
  photos: Record<string, string>;
}

const golden = readGolden<ObjectQueries>("object_queries.json");
const images = filePath(new URL("../goldens/images/", import.meta.url));
const photos = filePath(new URL("../../../shared/data/coco-photos-CC-BY-2.0/", import.meta.url));
const arePhotosThere = await Deno.stat(photos).then(() => true, () => false);

/** Reads an image as bytes instead of normalised floats. */
async function readBytes(file: ImageSource, targetPad?: number): Promise<Uint8Array> {
  const preprocessing: Preprocessing = {
    size: golden.size,
    mean: [0, 0, 0],
    standardDeviation: [1 / 255, 1 / 255, 1 / 255],
    targetPad,
  };
  return Uint8Array.from(await readImages({ preprocessing }, [file]), Math.round);
}

for (const { what, name, size: [width, height], outline, crop, pixels, mask, expected } of golden.cases) {
  Deno.test(`outlineMask: it covers the pixels that COCO's own masks cover (${what})`, async () => {
    checkOutline(outline, [width, height], "x");
    const found = outlineMask(outline, width, height);
    assertEquals(found.reduce((sum, one) => sum + one, 0), pixels);
    assertEquals(await sha256(found), mask);
  });

  Deno.test(`readImages: an object is white outside its outline and squashed, as by Pillow (${what})`, async () => {
    const file = { path: `${images}${name}`, crop, outline, squash: true };
    assertEquals(await readBytes(file), Uint8Array.fromBase64(expected));
    // What is squashed leaves nothing to pad for SEARLE's preprocessing.
    assertEquals(await readBytes(file, 1.25), Uint8Array.fromBase64(expected));
    const [, , across, down] = crop, cropped = await readBytes({ ...file, squash: false });
    assertEquals(Math.abs(across - down) < 2, cropped.join() === Uint8Array.fromBase64(expected).join());
  });
}

Deno.test({
  name: `outlineMask: every object of real photographs is covered as by COCO's own masks${
    arePhotosThere ? "" : " (skipped: ../shared/data/coco-photos-CC-BY-2.0 is absent)"
  }`,
  ignore: !arePhotosThere,
  async fn() {
    const json = JSON.parse(await Deno.readTextFile(`${photos}annotations/instances.json`));
    const sizes = new Map<number, [number, number]>(
      json.images.map(({ id, width, height }: Record<string, number>) => [id, [width, height]]),
    );
    assertEquals(Object.keys(golden.photos).length, 302);
    for (const { id, image_id, segmentation } of json.annotations) {
      const size = sizes.get(image_id)!;
      checkOutline(segmentation, size, `the object ${id}`);
      const mask = outlineMask(segmentation, ...size);
      assertEquals((await sha256(mask)).slice(0, 16), golden.photos[id], `the object ${id}`);
    }
  },
});

Deno.test("encodeImageFiles: features of another outline, or of one that is not squashed, are not taken from the cache", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder("small"), { towers: "image" }), cache = await Deno.makeTempDir();
  const [{ name, crop, outline }, { outline: other }] = golden.cases;
  const encode = async (part: object) => {
    const file = { id: "a", path: `${images}${name}`, crop, ...part };
    const { features, encoded } = await encodeImageFiles(clip, [file], { cache });
    features.dispose();
    return encoded;
  };
  assertEquals([await encode({ outline, squash: true }), await encode({ outline, squash: true })], [1, 0]);
  for (const part of [{ outline }, { outline: other, squash: true }, { squash: true }, {}]) {
    await assertRejects(() => encode(part), Error, "has changed since");
  }
  await Deno.remove(cache, { recursive: true });
});

Deno.test("checkOutline: run lengths of other images, or that are none, are refused", () => {
  const refused = (outline: unknown, message: string) =>
    assertThrows(
      () => checkOutline(outline, [90, 50], "The object 1"),
      Error,
      `The object 1 has an outline ${message}`,
    );
  checkOutline({ size: [50, 90], counts: [4000, 500] }, [90, 50], "x");
  refused({ size: [50, 90], counts: "P`0" }, "whose run lengths are no list of whole numbers; correct or remove it.");
  refused({ size: [50, 90], counts: [4501, -1] }, "whose run lengths are no list of whole numbers");
  refused({ size: 4500, counts: [4500] }, "whose size is 4500, expected are rows and columns");
  refused({ size: [90, 50], counts: [4500] }, "of 50 x 90 pixels, the image has 90 x 50");
  refused({ size: [50, 90], counts: [4500, 1] }, "whose run lengths add up to 4501, expected are 4500 pixels");
});

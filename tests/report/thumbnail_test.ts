import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkImages } from "../../lib/benchmarks/image_check.ts";
import { openImage } from "../../lib/clip/images/decode_image.ts";
import { readImages } from "../../lib/clip/images/image_files.ts";
import { clipPreprocessing } from "../../lib/clip/images/preprocess.ts";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { filePath } from "../../lib/io/path.ts";
import { thumbnail } from "../../lib/report/thumbnail.ts";

const goldens = filePath(new URL("../goldens/images/", import.meta.url));
const path = `${goldens}odd_33x47.png`;

Deno.test("thumbnail: a box partly outside is cut at the edge; one outside, and what is no image, are refused by name", async () => {
  assert((await thumbnail({ path, crop: [-5, -5, 20, 90] })).startsWith("data:image/jpeg;base64,"));
  await assertRejects(
    () => thumbnail({ path, crop: [40, 0, 5, 5] }),
    Error,
    `Reading ${path} failed: the image has the box [40,0,5,5], which lies outside its 33 x 47 image`,
  );
  const sideOf = async (crop: [number, number, number, number], dilation?: number) => {
    const bytes = Uint8Array.fromBase64((await thumbnail({ path, crop, dilation })).split(",")[1]);
    const { width, height } = await openImage(bytes, "thumbnail");
    return [width, height];
  };
  // The dilated part is shown, without the black around it.
  assertEquals(await sideOf([12, 20, 5, 3]), [144, 86]);
  assertEquals(await sideOf([12, 20, 5, 3], 0.7), [144, 80]);
  const drawing = await Deno.makeTempFile({ suffix: ".png" });
  await Deno.writeTextFile(drawing, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await assertRejects(
    () => thumbnail({ path: drawing }),
    Error,
    `Decoding ${drawing} failed: it is SVG; convert it to`,
  );
  await Deno.writeTextFile(drawing, "no image");
  await assertRejects(() => thumbnail({ path: drawing }), Error, `Decoding ${drawing} failed: `);
  await Deno.remove(drawing);
  const gone = `Reading ${drawing} failed: the image is gone; put it back, or start again without it.`;
  await assertRejects(() => thumbnail({ path: drawing }), Error, gone);
  const preprocessing = clipPreprocessing(32);
  await assertRejects(() => readImages({ preprocessing }, [drawing]), Error, gone);
});

Deno.test("checkImages: a box outside its image is found before a run, when files are decoded", async () => {
  const images = new Map([["a", { paths: ["odd_33x47.png"], crop: [40, 0, 5, 5] as const }]]);
  const part: BenchmarkPart = { benchmark: "x", split: "val", part: "x", gallery: ["a"], images, queries: [] };
  assertEquals((await checkImages(goldens, [part])).found.length, 1);
  const { unreadable } = await checkImages(goldens, [part], { decode: true });
  assert(unreadable.length === 1 && unreadable[0].reason.includes("which lies outside its 33 x 47 image"));
});

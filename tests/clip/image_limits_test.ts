/**
 * Images that would fill the memory, and parts that are not in their image, are refused by name; narrow ones are cheap.
 */
import { crc32, deflateSync } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodeImage } from "../../lib/clip/images/decode_image.ts";
import { imageFilesIn, readImages } from "../../lib/clip/images/image_files.ts";
import { clipPreprocessing, fitImage } from "../../lib/clip/images/preprocess.ts";
import { pixelBudget } from "../../lib/clip/images/pixel_budget.ts";
import { sha256 } from "../../lib/io/hash.ts";
import { random } from "../../lib/tensors/random.ts";

const clip = { preprocessing: clipPreprocessing(224) };

/** A PNG that claims a size; its pixels are black, and end early where `rows` says so. */
function png(width: number, height: number, rows = height): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Uint8Array) => {
    const out = new Uint8Array(12 + data.length), view = new DataView(out.buffer);
    view.setUint32(0, data.length);
    out.set(new TextEncoder().encode(type), 4);
    out.set(data, 8);
    view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
    return out;
  };
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(new Uint8Array(rows * (1 + 3 * width)))),
    chunk("IEND", new Uint8Array(0)),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A folder with these files, removed after the test. */
async function withFiles(files: Record<string, Uint8Array>, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${folder}/${name}`, bytes);
  await test(folder);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("decodeImage: a small file that claims a huge image is refused by its header, with its name and the number", async () => {
  await assertRejects(
    () => decodeImage(png(16_000, 16_000, 1), "bomb.png"),
    Error,
    "Decoding bomb.png failed: the image is 16000 x 16000, 256000000 pixels, the most are 89478485; make it smaller.",
  );
  // Beyond the decoder's own limit, too, the message is ours.
  await assertRejects(
    () => decodeImage(png(30_000, 30_000, 1), "b.png"),
    Error,
    "900000000 pixels, the most are 89478485",
  );
  await assertRejects(
    () => decodeImage(png(1, 4_000_000, 1), "hair.png"),
    Error,
    "Decoding hair.png failed: the image is 1 x 4000000, one side 4000000 times the other, the most are 10000",
  );
});

Deno.test("decodeImage: an SVG is refused, whatever its name says", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  await assertRejects(
    () => decodeImage(new TextEncoder().encode(svg), "drawing.png"),
    Error,
    "Decoding drawing.png failed: it is SVG; convert it to JPEG, PNG or WebP.",
  );
});

Deno.test("fitImage: of a narrow image only the part that is kept is computed, padded too", () => {
  // Resized as a whole they would be 300 GB, and 24 GB in their padded frames: no array can hold that.
  for (const [long, targetPad] of [[2_000_000, undefined], [100_000, 1.25]] as const) {
    for (const [width, height] of [[1, long], [long, 1]]) {
      const image = { width, height, pixels: new Uint8Array(3 * long) };
      const fitted = fitImage(image, { ...clipPreprocessing(224), targetPad });
      assertEquals([fitted.width, fitted.height, fitted.pixels.length], [224, 224, 224 * 224 * 3]);
    }
  }
});

Deno.test("fitImage: the computed part is bit for bit the whole resize, cropped", async () => {
  const rng = random(9), parts: Uint8Array[] = [];
  for (const [width, height] of [[1, 1], [1, 50], [50, 1], [3, 200], [300, 2], [32, 32], [33, 32], [97, 331], [7, 7]]) {
    const pixels = Uint8Array.from({ length: width * height * 3 }, () => rng.int(256));
    for (const size of [7, 32]) {
      for (const targetPad of [undefined, 1, 1.25, 3]) {
        parts.push(fitImage({ width, height, pixels }, { ...clipPreprocessing(size), targetPad }).pixels);
      }
    }
  }
  // Of the resize that computed every row and every column.
  assertEquals(
    await sha256(Uint8Array.from(parts.flatMap((part) => [...part]))),
    "62e03ec92d2a09414c5523efbd8b17e7a50084fe2e4336d25e0fbbd3edf7c543",
  );
});

Deno.test("readImages: a box or an outline that is not in its image is refused by name, one partly outside is black there", async () => {
  await withFiles({ "a.png": png(33, 47) }, async (folder) => {
    const path = `${folder}/a.png`, what = `Reading ${path} failed: the image has `;
    const crops: [readonly number[], string][] = [
      [[0, 0, 0, 5], "the box [0,0,0,5], which has no area"],
      [[0, 0, 5, -4907], "the box [0,0,5,-4907], which has no area"],
      [[33, 0, 5, 5], "the box [33,0,5,5], which lies outside its 33 x 47 image"],
      [[-9, 0, 9, 5], "the box [-9,0,9,5], which lies outside its 33 x 47 image"],
      [[NaN, 0, 5, 5], "the box [NaN,0,5,5], expected are four whole numbers"],
      [[0, 0, 1.5, 5], "the box [0,0,1.5,5], expected are four whole numbers"],
      [[0, 0, 1e9, 1e9], "a box that is 1000000000 x 1000000000, 1000000000000000000 pixels, the most are"],
    ];
    for (const [crop, message] of crops) {
      const file = { path, crop: crop as unknown as [number, number, number, number] };
      await assertRejects(() => readImages(clip, [file]), Error, what + message);
    }
    const outlines: [number[][], string][] = [
      [[], "an outline that is no list of polygons"],
      [[[1, 1, 5, 5]], "an outline whose polygon 0 has 4 numbers"],
      [[[1, 1, 5, 5, 9]], "an outline whose polygon 0 has 5 numbers"],
      [[[1, 1, 5, NaN, 9, 9]], "an outline whose polygon 0 is no list of numbers"],
      [[[1, 1, 5, 5, 1, 5], [40, 1, 50, 1, 50, 9]], "an outline whose polygon 1 lies outside its 33 x 47 image"],
    ];
    for (const [outline, message] of outlines) {
      await assertRejects(() => readImages(clip, [{ path, outline }]), Error, what + message);
    }
    assertEquals((await readImages(clip, [{ path, crop: [-5, -5, 60, 60] }])).length, 224 * 224 * 3);
  });
});

Deno.test("pixelBudget: no more pixels at once than the budget, in order, and one above it alone", async () => {
  const budget = pixelBudget(10), log: string[] = [];
  let used = 0;
  const work = (name: string, pixels: number) =>
    budget.spend(pixels, async () => {
      used += pixels;
      assert(used <= 10 || used === pixels, `${used} pixels at once`);
      log.push(name);
      await new Promise((resume) => setTimeout(resume, 2));
      used -= pixels;
    });
  await Promise.all([work("a", 4), work("b", 6), work("c", 99), work("d", 3), work("e", 8)]);
  assertEquals(log, ["a", "b", "c", "d", "e"]);
  await assertRejects(() => budget.spend(10, () => Promise.reject(new Error("x"))), Error, "x");
  await budget.spend(10, () => Promise.resolve());
});

Deno.test("imageFilesIn: linked folders are followed, each folder once, and links in circles end", async () => {
  await withFiles({}, async (folder) => {
    await Deno.mkdir(`${folder}/root/real`, { recursive: true });
    await Deno.mkdir(`${folder}/elsewhere/deep`, { recursive: true });
    for (const path of ["root/b.png", "root/real/a.png", "elsewhere/c.png", "elsewhere/deep/d.png"]) {
      await Deno.writeFile(`${folder}/${path}`, png(1, 1));
    }
    await Deno.symlink(`${folder}/elsewhere`, `${folder}/root/linked`);
    await Deno.symlink(`${folder}/root/b.png`, `${folder}/root/linked.png`);
    await Deno.symlink(`${folder}/root`, `${folder}/root/real/up`);
    await Deno.symlink(`${folder}/root/real`, `${folder}/root/again`);
    await Deno.symlink("self", `${folder}/root/self`);
    assertEquals((await imageFilesIn(`${folder}/root`)).map(({ id }) => id), [
      "b.png",
      "linked.png",
      "linked/c.png",
      "linked/deep/d.png",
      "real/a.png",
    ]);
  });
});

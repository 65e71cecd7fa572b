import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parsePreprocessing, preprocessingJson } from "../../lib/clip/files/preprocessor_config.ts";
import { decodeImage, type Transparency } from "../../lib/clip/images/decode_image.ts";
import { clipPreprocessing, cutOut, fitImage, maskOutline, normaliseImage } from "../../lib/clip/images/preprocess.ts";
import type { RgbImage } from "../../lib/clip/images/resize.ts";
import { loadSharp } from "../../lib/io/load_sharp.ts";
import { readGolden } from "../golden.ts";

interface Images {
  cases: { name: string; mode: string; expected: string; padded: string; on_white: string }[];
  normalised: { name: string; values: number[] };
}

const golden = readGolden<Images>("images.json");
const settings = clipPreprocessing(32);
const read = async (name: string, transparency?: Transparency) =>
  await decodeImage(await Deno.readFile(new URL(`../goldens/images/${name}`, import.meta.url)), name, transparency);

for (const { name, mode, expected, padded, on_white } of golden.cases) {
  Deno.test(`${name} (${mode}) is read as CLIPImageProcessor on Pillow reads it`, async () => {
    const dropped = await read(name), white = await read(name, "white");
    for (
      const [what, found, reference] of [
        ["plain", fitImage(dropped, settings), expected],
        ["padded", fitImage(dropped, { ...settings, targetPad: 1.25 }), padded],
        ["on white", fitImage(white, settings), on_white],
      ] as const
    ) {
      const bytes = Uint8Array.fromBase64(reference);
      const off = bytes.reduce((most, value, i) => Math.max(most, Math.abs(value - found.pixels[i])), 0);
      // One of 255: lossy decoders of two builds may round a coefficient apart.
      assert(found.pixels.length === bytes.length && off <= 1, `${what}: ${off} of 255 off`);
    }
  });
}

Deno.test("bytes are rescaled and normalised alike", async () => {
  const { name, values } = golden.normalised;
  const found = normaliseImage(fitImage(await read(name), settings), settings);
  values.forEach((value, i) => assert(Math.abs(value - found[i]) < 1e-5, `${i}: ${found[i]} for ${value}`));
});

Deno.test("a model's own preprocessing is read in its older and its newer form", () => {
  const old = { crop_size: 224, size: 224, resample: 3, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
  assertEquals(parsePreprocessing(old, "p"), { size: 224, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5] });
  const recent = { size: { shortest_edge: 336 }, crop_size: { height: 336, width: 336 } };
  assertEquals(parsePreprocessing(recent, "p"), clipPreprocessing(336));
  const own = { ...clipPreprocessing(32), mean: [0.1, 0.2, 0.3] as [number, number, number] };
  assertEquals(parsePreprocessing(preprocessingJson(own), "p"), own);
  assertThrows(
    () => parsePreprocessing({ ...old, crop_size: 200 }, "p.json"),
    Error,
    "resizes to 224 and crops to 200",
  );
  assertThrows(() => parsePreprocessing({ ...old, resample: 2 }, "p.json"), Error, "expected 3 (bicubic)");
  assertThrows(() => parsePreprocessing({ ...old, image_std: 1 }, "p.json"), Error, "image_std is 1");
});

Deno.test("decodeImage: three channels are the decoder's bytes, in a plain array and not its Buffer", async () => {
  const sharp = await loadSharp(), name = "photo_444.jpg";
  const file = await Deno.readFile(new URL(`../goldens/images/${name}`, import.meta.url));
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  assertEquals(info.channels, 3);
  for (const transparency of ["drop", "white"] as const) {
    assertEquals(await read(name, transparency), {
      width: info.width,
      height: info.height,
      pixels: new Uint8Array(data),
    });
    assertEquals((await read(name, transparency)).pixels.constructor, Uint8Array);
  }
});

Deno.test("what is no image is refused by name", async () => {
  await assertRejects(() => decodeImage(new TextEncoder().encode("no"), "a.jpg"), Error, "Decoding a.jpg failed: ");
  const whole = await Deno.readFile(new URL("../goldens/images/photo_444.jpg", import.meta.url));
  await assertRejects(() => decodeImage(whole.subarray(0, 700), "cut.jpg"), Error, "Decoding cut.jpg failed: ");
  // The decoder says it twice.
  await assertRejects(
    () => decodeImage(whole.subarray(0, 100), "cut.jpg"),
    Error,
    "Decoding cut.jpg failed: Input buffer has corrupt header: premature end of JPEG image; " +
      "JPEG datastream contains no image; is it a whole JPEG, PNG or WebP?",
  );
});

Deno.test("cutOut: what lies outside the image is black; maskOutline: an outline keeps what it covers, the rest is white", () => {
  const white = { width: 4, height: 3, pixels: new Uint8Array(36).fill(255) };
  const lit = ({ width, height, pixels }: RgbImage) =>
    Array.from(
      { length: height },
      (_, y) => Array.from({ length: width }, (_, x) => pixels[(y * width + x) * 3] === 255 ? "#" : ".").join(""),
    );
  assertEquals(lit(cutOut(white, [-1, 1, 3, 3])), [".##", ".##", "..."]);
  assertEquals(lit(cutOut(white, [9, 9, 2, 1])), [".."]);
  const black = { ...white, pixels: new Uint8Array(36) };
  assertEquals(lit(maskOutline(black, [[1, 0, 3, 0, 3, 2, 1, 2]])), ["#..#", "#..#", "####"]);
  // Polygons are joined, so one inside another is no hole.
  assertEquals(lit(maskOutline(black, [[0, 0, 3, 0, 3, 3, 0, 3], [1, 1, 2, 1, 2, 2, 1, 2]])), ["...#", "...#", "...#"]);
});

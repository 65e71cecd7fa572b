import { assert, assertRejects } from "@std/assert";
import { clipPreprocessing, decodePicture, fitPicture, normalisePicture } from "../../lib/clip/preprocess.ts";
import { readGolden } from "../golden.ts";

interface Pictures {
  cases: { name: string; mode: string; expected: string; padded: string }[];
  normalised: { name: string; values: number[] };
}

const golden = readGolden<Pictures>("pictures.json");
const settings = clipPreprocessing(32);
const read = async (name: string) =>
  await decodePicture(await Deno.readFile(new URL(`../goldens/pictures/${name}`, import.meta.url)), name);

for (const { name, mode, expected, padded } of golden.cases) {
  Deno.test(`${name} (${mode}) is read as CLIPImageProcessor on Pillow reads it`, async () => {
    const picture = await read(name);
    for (const [targetPad, reference] of [[undefined, expected], [1.25, padded]] as const) {
      const found = fitPicture(picture, { ...settings, targetPad }).pixels, bytes = Uint8Array.fromBase64(reference);
      const off = bytes.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
      // One of 255: lossy decoders of two builds may round a coefficient apart.
      assert(found.length === bytes.length && off <= 1, `pad ${targetPad}: ${off} of 255 off`);
    }
  });
}

Deno.test("bytes are rescaled and normalised alike", async () => {
  const { name, values } = golden.normalised;
  const found = normalisePicture(fitPicture(await read(name), settings), settings);
  values.forEach((value, i) => assert(Math.abs(value - found[i]) < 1e-5, `${i}: ${found[i]} for ${value}`));
});

Deno.test("what is no picture is refused by name", async () => {
  await assertRejects(() => decodePicture(new TextEncoder().encode("no"), "a.jpg"), Error, "Decoding a.jpg failed: ");
  const whole = await Deno.readFile(new URL("../goldens/pictures/photo_444.jpg", import.meta.url));
  await assertRejects(() => decodePicture(whole.subarray(0, 700), "cut.jpg"), Error, "Decoding cut.jpg failed: ");
});

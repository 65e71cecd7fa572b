import { assert, assertRejects } from "@std/assert";
import {
  clipPreprocessing,
  decodePicture,
  fitPicture,
  normalisePicture,
  type Transparency,
} from "../../lib/clip/preprocess.ts";
import { readGolden } from "../golden.ts";

interface Pictures {
  cases: { name: string; mode: string; expected: string; padded: string; on_white: string }[];
  normalised: { name: string; values: number[] };
}

const golden = readGolden<Pictures>("pictures.json");
const settings = clipPreprocessing(32);
const read = async (name: string, transparency?: Transparency) =>
  await decodePicture(await Deno.readFile(new URL(`../goldens/pictures/${name}`, import.meta.url)), name, transparency);

for (const { name, mode, expected, padded, on_white } of golden.cases) {
  Deno.test(`${name} (${mode}) is read as CLIPImageProcessor on Pillow reads it`, async () => {
    const dropped = await read(name), white = await read(name, "white");
    for (
      const [what, found, reference] of [
        ["plain", fitPicture(dropped, settings), expected],
        ["padded", fitPicture(dropped, { ...settings, targetPad: 1.25 }), padded],
        ["on white", fitPicture(white, settings), on_white],
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
  const found = normalisePicture(fitPicture(await read(name), settings), settings);
  values.forEach((value, i) => assert(Math.abs(value - found[i]) < 1e-5, `${i}: ${found[i]} for ${value}`));
});

Deno.test("what is no picture is refused by name", async () => {
  await assertRejects(() => decodePicture(new TextEncoder().encode("no"), "a.jpg"), Error, "Decoding a.jpg failed: ");
  const whole = await Deno.readFile(new URL("../goldens/pictures/photo_444.jpg", import.meta.url));
  await assertRejects(() => decodePicture(whole.subarray(0, 700), "cut.jpg"), Error, "Decoding cut.jpg failed: ");
});

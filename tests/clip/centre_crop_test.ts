/** The centre crop's half pixel goes to the even one where asked, as torchvision's CenterCrop has it. */
import { assert, assertEquals } from "@std/assert";
import { changePreprocessing } from "../../lib/clip/files/change_preprocessing.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { readImages } from "../../lib/clip/images/image_files.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { filePath } from "../../lib/io/path.ts";
import type { Box } from "../../lib/clip/images/region.ts";
import { readGolden } from "../golden.ts";

interface CentreCrops {
  size: number;
  cases: { name: string; crop: Box | null; over: number; left: number; top: number; expected: string }[];
}

const golden = readGolden<CentreCrops>("centre_crops.json");
const images = filePath(new URL("../goldens/images/", import.meta.url));

Deno.test("readImages: half a pixel of the centre crop is rounded to the even one where asked, and down by default", async () => {
  let moved = 0;
  for (const { name, crop, over, left, top, expected } of golden.cases) {
    const read = async (centreHalf?: "down" | "even") => {
      const [mean, standardDeviation] = [[0, 0, 0], [1 / 255, 1 / 255, 1 / 255]] as [
        [0, 0, 0],
        [number, number, number],
      ];
      const preprocessing = { size: golden.size, mean, standardDeviation, centreHalf };
      const file = { path: `${images}${name}`, ...(crop && { crop }) };
      return Uint8Array.from(await readImages({ preprocessing }, [file]), Math.round);
    };
    const even = await read("even"), down = await read();
    assertEquals(even, Uint8Array.fromBase64(expected), `${name} ${crop}`);
    assertEquals(await read("down"), down);
    // Half of 3, 7, 11, ... is rounded up to the even pixel, half of 1, 5, 9, ... down.
    const differs = Math.max(left, top) !== Math.floor(over / 2);
    assertEquals(differs, over % 4 === 3);
    assertEquals(even.join() !== down.join(), differs);
    moved += Number(differs);
  }
  assert(moved >= 2, String(moved));
});

Deno.test("changePreprocessing: another centre crop is another identity, and none leaves it as it was", async () => {
  await useDevice("wasm");
  const clip = await loadClip(embeddedModelFolder("small"));
  assert((await changePreprocessing(clip, { centreHalf: "even" })).identity !== clip.identity);
  assertEquals((await changePreprocessing(clip, {})).identity, clip.identity);
});

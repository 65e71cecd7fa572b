import { assert, assertEquals } from "@std/assert";
import { describeDevice, useDevice } from "../../lib/backend/device.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { answers } from "../../scripts/python.ts";
import { eachBackend } from "../backends.ts";
import { judged, measureTrainingParity, python, tolerances } from "./training_parity.ts";

const title = "trainRtd: losses and saved weights are PyTorch's, from the same files and noise";
const slice = async (path: string) =>
  JSON.parse(await Deno.readTextFile(new URL(`../goldens/slices/${path}`, import.meta.url)));

/** Captions of COCO, with what people wrote to change other images (CIRR) between them, and what cleaning concerns. */
async function triplets(): Promise<object[]> {
  const captions: string[] = (await slice("coco-captions-CC-BY-4.0/captions_val2017.json")).annotations
    .map(({ caption }: { caption: string }) => caption);
  const changes: string[] = (await slice("cirr-MIT/captions/cap.rc2.val.json"))
    .map(({ caption }: { caption: string }) => caption);
  const odd = [
    { reference: " <PERSON> with a $5 bill", conditioning: "without the $", target: `${captions.join(" ")}` },
    { reference: captions.slice(0, 9).join(" "), conditioning: null, target: "A DOG" },
    { reference: "a row that is dropped", conditioning: "x", target: "$ " },
  ];
  return [
    ...odd,
    ...changes.map((conditioning, i) => ({
      reference: captions[2 * i],
      conditioning,
      target: captions[2 * i + 1],
    })),
  ];
}

if (await answers(python, ["-c", "import torch, transformers"]) === undefined) {
  const why = '(skipped: no .venv/reference; "deno task reference" makes it)';
  Deno.test({ name: `${title} ${why}`, ignore: true, fn: () => {} });
} else {
  eachBackend(title, async (backend) => {
    const scratch = await Deno.makeTempDir(), file = `${scratch}/triplets.jsonl`, { warn } = console;
    console.warn = () => {}; // the vocabulary is that of emoji
    try {
      const rows = await triplets();
      await Deno.writeTextFile(file, rows.map((row) => JSON.stringify(row)).join("\n"));
      const folder = embeddedModelFolder(), device = await useDevice(backend);
      const measured = await measureTrainingParity({
        clip: folder,
        phi: new URL("phi-lincir.safetensors", folder),
        triplets: file,
        // All rows in four steps, in a warm-up.
        recipe: changeRecipe(embeddedRecipe, { steps: 4, batch: 16 }),
        ...{ device, scratch },
      });
      const found = judged(measured), said = `${describeDevice(device)}: ${JSON.stringify(found)}`;
      assertEquals([measured.triplets, measured.losses.length, measured.expected.length], [rows.length - 1, 4, 4]);
      for (const name of Object.keys(tolerances) as (keyof typeof tolerances)[]) {
        assert(found[name].value <= tolerances[name], said);
      }
      assert(Object.values(measured.weights).every(({ moved }) => moved > 0), "a weight was not trained");
    } finally {
      console.warn = warn;
      await Deno.remove(scratch, { recursive: true });
    }
  }, ["webgpu"]);
}

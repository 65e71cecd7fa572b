import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encodeText } from "../../lib/clip/text_encoder.ts";
import { loadTextEncoder } from "../../lib/clip/text_folder.ts";
import { loadEmbeddedModel } from "../../lib/emoji/embedded_model.ts";
import { changeRecipe, embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { saveTuned } from "../../lib/rtd/save_tuned.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { answers } from "../../scripts/python.ts";
import { epochSampler, type EpochState } from "../../lib/training/epoch_sampler.ts";

const python = new URL("../../.venv/reference/bin/python", import.meta.url).pathname;
const hasReference = await answers(python, ["-c", "import torch, transformers"]) !== undefined;
const why = hasReference
  ? ""
  : ' (skipped: no .venv/reference with torch and transformers; "deno task reference" makes it)';

/** A text encoder tuned for two steps, saved. */
async function tunedFolder() {
  await useDevice("wasm");
  const model = await loadEmbeddedModel();
  const triplets = ["red", "blue", "green"].map((word) => ({
    reference: `${word} heart`,
    conditioning: "is black",
    target: "black heart",
  }));
  const recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 3 });
  const { textWeights } = await trainRtd(model, (s) => epochSampler(triplets, s as number | EpochState), recipe);
  const folder = new URL(`file://${await Deno.makeTempDir()}/`);
  const facts = { recipe, data: "three triplets", device: "wasm", metrics: { "macro R@1": 12.3 } };
  await saveTuned(folder, model, textWeights, facts);
  return { model, textWeights, folder };
}

Deno.test("a tuned encoder comes back as it was, with a card", async () => {
  const { model, textWeights, folder } = await tunedFolder();
  const again = await loadTextEncoder(folder, model.clip.config);
  for (const [name, tensor] of Object.entries(textWeights)) assertEquals(await again[name].data(), await tensor.data());
  const card = await Deno.readTextFile(new URL("README.md", folder));
  for (const part of [model.clip.hash, "three triplets", "macro R@1 | 12.30", '"temperature": 0.07']) {
    assert(card.includes(part), part);
  }
  const { config } = model.clip, wider = { ...config, text: { ...config.text, mlpWidth: 7 } };
  await assertRejects(() => loadTextEncoder(folder, wider), Error, "the CLIP has [7,128]");
  await assertRejects(
    () => loadTextEncoder(new URL("../goldens/lincir.pt", import.meta.url), config),
    Error,
    'has no "CLIPTextModelWithProjection"',
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: `transformers reads a tuned encoder, gives our features, and saves what we read back${why}`,
  ignore: !hasReference,
  fn: async () => {
    const { model: { clip }, textWeights, folder } = await tunedFolder();
    const texts = ["woman running: dark skin tone", "red apple", "a photo of a man's shoe"];
    const { stdout, success, stderr } = await new Deno.Command(python, {
      args: [new URL("read_back.py", import.meta.url).pathname, folder.pathname, `${folder.pathname}again`, ...texts],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const theirs: number[][] = JSON.parse(new TextDecoder().decode(stdout));
    const ours = encodeText(textWeights, clip.config.text, clip.tokenizer.encode(texts));
    const off = await tf.max(tf.abs(tf.sub(ours, tf.tensor2d(theirs)))).data();
    const largest = Math.max(...theirs.flat().map(Math.abs));
    assert(off[0] <= 1e-4 * largest, `largest difference ${off[0]} of ${largest}`);
    const again = await loadTextEncoder(new URL("again/", folder), clip.config);
    for (const [name, tensor] of Object.entries(textWeights)) {
      assertEquals(await again[name].data(), await tensor.data(), name);
    }
    await Deno.remove(folder, { recursive: true });
  },
});

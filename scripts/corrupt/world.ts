/** The miniatures with a model, in a folder: everything that an evaluation reads. */
import { saveTextEncoder } from "../../lib/clip/files/text_folder.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import type { BenchmarkName } from "../../lib/benchmarks/benchmark.ts";
import { inFolder } from "../../lib/io/path.ts";
import { random } from "../../lib/tensors/random.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import {
  cirrCaptions,
  makeCirco,
  makeCirr,
  makeCoco,
  makeFashioniq,
  makeGenecis,
  makeIcir,
} from "../../tests/benchmarks/miniature.ts";

/** A setting that is evaluated: a benchmark, with captions in the place of its images or not. */
export interface Setting {
  /** Name of its folder of results. */
  name: string;
  benchmark: BenchmarkName;
  captions?: true;
}

/** The settings. */
export const settings: readonly Setting[] = [
  ...(["cirr", "circo", "fashioniq", "genecis", "coco", "icir"] as const).map((benchmark) => ({
    name: benchmark,
    benchmark,
  })),
  { name: "cirr from captions", benchmark: "cirr", captions: true },
];

const makers: Record<BenchmarkName, (root: string) => Promise<void>> = {
  cirr: makeCirr,
  circo: makeCirco,
  fashioniq: makeFashioniq,
  genecis: makeGenecis,
  coco: makeCoco,
  icir: makeIcir,
};

const modelFiles = ["config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors"];

/** Writes the benchmarks of the settings, a CLIP, a phi, a fine-tuned text encoder and captions into a folder. */
export async function makeWorld(folder: string, chosen: readonly Setting[]): Promise<void> {
  const model = new URL("../../data/emoji-clip-small/", import.meta.url);
  await Deno.mkdir(`${folder}/clip`, { recursive: true });
  for (const name of modelFiles) await Deno.copyFile(inFolder(model, name), `${folder}/clip/${name}`);
  await Deno.copyFile(inFolder(model, "phi-lincir.safetensors"), `${folder}/phi.safetensors`);
  for (const benchmark of new Set(chosen.map(({ benchmark }) => benchmark))) {
    await makers[benchmark](`${folder}/${benchmark}`);
  }
  const rows = [...await cirrCaptions()].map(([candidate, captions]) => ({ candidate, captions }));
  await Deno.writeTextFile(`${folder}/captions.json`, JSON.stringify(rows));
  const clip = await loadClip(model, { towers: "text" }), changed = shaken(clip.weights);
  await saveTextEncoder(`${folder}/encoder`, { clip, weights: changed });
  disposeWeights(clip.weights);
  disposeWeights(changed);
}

/** Weights with noise, in the place of a fine-tuning. */
function shaken(weights: Weights): Weights {
  const rng = random(5);
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => {
      const noise = Float32Array.from({ length: weight.size }, () => 0.01 * rng.normal());
      return [name, tf.tidy(() => tf.add(weight, tf.tensor(noise, weight.shape)))];
    }),
  );
}

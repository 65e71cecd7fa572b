/** Evaluates one setting as `deno task evaluate` does, and takes its figures apart from its record. */
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { loadTextEncoder } from "../../lib/clip/files/text_folder.ts";
import { openBenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import { readImageCaptions } from "../../lib/evaluation/caption_features.ts";
import { evaluateData } from "../../lib/evaluation/evaluate_benchmark.ts";
import { loadPhi } from "../../lib/projection/phi_file.ts";
import { saveEvaluation } from "../../lib/report/save_evaluation.ts";
import * as tf from "../../lib/tensors/tf.ts";
import type { Setting } from "./world.ts";

/** What an evaluation says. */
export interface Said {
  /** The figures of all rows, as JSON. */
  figures: string;
  /** Everything else of `result.json`, as JSON: hashes, counts, stamps. */
  record: string;
}

/** Evaluates a setting in the world's folder. @throws {Error} as the library does */
export async function evaluate(folder: string, setting: Setting, cache: string): Promise<Said> {
  const device = await useDevice("wasm"), { benchmark } = setting;
  tf.engine().startScope();
  try {
    const captions = setting.captions && await readImageCaptions(`${folder}/captions.json`);
    const data = await openBenchmarkData({ benchmark, root: `${folder}/${benchmark}`, counts: "as-found", captions });
    const clip = await loadClip(`${folder}/clip`), phi = await loadPhi(clip, `${folder}/phi.safetensors`);
    const textEncoder = await loadTextEncoder(clip, `${folder}/encoder`);
    const models = { clip, phi, textEncoder };
    const evaluation = await evaluateData(data, { ...models, cache });
    await saveEvaluation(`${folder}/out`, evaluation, { ...models, device, show: 0 });
  } finally {
    tf.engine().endScope();
  }
  const { rows, ...record } = JSON.parse(await Deno.readTextFile(`${folder}/out/result.json`));
  return { figures: JSON.stringify(rows), record: JSON.stringify(record) };
}

/** The main table (the paper's Tables 2 to 4) on the embedded benchmark: three methods, with and without RTD, each CLIP. */
import * as tf from "@tensorflow/tfjs";
import type { Device } from "../backend/device.ts";
import { disposeWeights } from "../clip/weights.ts";
import { type EmojiBenchmark, emojiQueries, type EmojiQuery } from "../emoji/benchmark.ts";
import { embeddedModelFolder, type EmbeddedSize, invertedFile, loadEmbeddedModel } from "../emoji/embedded_model.ts";
import { type PhiMethod, phiMethods } from "../projection/train_phi.ts";
import { loadWords } from "../projection/word_file.ts";
import { changeRecipe, embeddedRecipe } from "../rtd/recipe.ts";
import { type EmojiScores, encodeEmojiPictures, type QueryMethod } from "./emoji_retrieval.ts";
import { type EmojiRow, emojiRow, type EmojiSetup } from "./emoji_rows.ts";
import { type EmojiOutcome, type OtherWords, runEmoji } from "./emoji_run.ts";
import { type EmojiTuning, naiveTuning, rtdTuning } from "./emoji_tunings.ts";
import { labelRetrieval } from "./label_retrieval.ts";

/** What to run. */
export interface MainOptions {
  sizes: readonly EmbeddedSize[];
  seeds: readonly number[];
  steps: number;
  device: Device;
  /** The folder of remembered outcomes. */
  memory: string;
  /** Sizes for which naive tuning is run too. */
  naive: readonly EmbeddedSize[];
  onWork?: (done: number, total: number, note: string) => void;
}

/** How the pseudo-words of inversion are called, beside the methods' names. */
export const invertedName = "SEARLE-OTI";

/** A method on one CLIP. */
export interface MethodResult {
  method: PhiMethod;
  frozen: EmojiRow;
  /** RTD, one outcome a seed; asked with every other method's words too, and with {@linkcode invertedName}'s. */
  rtd: EmojiOutcome[];
  /** Naive tuning, one outcome a seed; empty where it was not asked for. */
  naive: { anchor: boolean; runs: EmojiOutcome[] }[];
}

/** One CLIP's part of the table. */
export interface ClipResult {
  size: EmbeddedSize;
  /** Numbers in its weights. */
  parameters: number;
  queries: EmojiQuery[];
  /** Rows without pseudo-word. */
  baselines: Record<Exclude<QueryMethod, "phi + text">, EmojiScores>;
  methods: MethodResult[];
  /** Frozen, with the pseudo-words of inversion. */
  inverted: EmojiRow;
  labelToPicture: number;
}

/** Runs everything that is not remembered, CLIP by CLIP. */
export async function mainResults(benchmark: EmojiBenchmark, options: MainOptions): Promise<ClipResult[]> {
  const { sizes, seeds, naive, onWork = () => {} } = options;
  const runs = (size: EmbeddedSize) => seeds.length * (phiMethods.length + (naive.includes(size) ? 5 : 0));
  const total = sizes.reduce((sum, size) => sum + 1 + runs(size), 0);
  let done = 0;
  const results: ClipResult[] = [];
  for (const size of sizes) {
    results.push(await clipResult(benchmark, size, options, (note) => onWork(++done, total, note)));
  }
  return results;
}

async function clipResult(
  benchmark: EmojiBenchmark,
  size: EmbeddedSize,
  { seeds, steps, device, memory, naive }: MainOptions,
  onDone: (note: string) => void,
): Promise<ClipResult> {
  const queries = emojiQueries(benchmark, "test");
  const first = await loadEmbeddedModel({ size, method: phiMethods[0] });
  const { clip } = first;
  const phis = [first];
  for (const method of phiMethods.slice(1)) {
    const { clip: again, ...model } = await loadEmbeddedModel({ size, method });
    disposeWeights(again.weights);
    phis.push({ clip, ...model });
  }
  const inverted = await loadWords(new URL(invertedFile, embeddedModelFolder(size)), clip.config.text.width);
  const features = await encodeEmojiPictures(first, benchmark);
  const setupOf = (model: EmojiSetup["model"]): EmojiSetup => ({ model, benchmark, features, queries });

  const baselines = {} as ClipResult["baselines"];
  for (const method of ["image only", "text only", "image + text sum", "oracle"] as const) {
    baselines[method] = (await emojiRow(setupOf(first), method, method)).main;
  }
  const labels = await labelRetrieval(clip, benchmark.emoji, benchmark.pictures.noto, features.noto);
  const invertedRow = await emojiRow(setupOf({ ...first, inverted }), invertedName, "phi + text");
  const frozen: EmojiRow[] = [];
  for (const model of phis) frozen.push(await emojiRow(setupOf(model), model.phi.method, "phi + text"));
  onDone(`${size}: frozen rows`);

  const methods: MethodResult[] = [];
  for (const [i, model] of phis.entries()) {
    const method = phiMethods[i], setup = setupOf(model);
    const others: OtherWords[] = [
      ...phis.filter((other) => other !== model).map(({ phi, phiHash }) => ({ name: phi.method, hash: phiHash, phi })),
      { name: invertedName, hash: inverted.hash, phi: model.phi, inverted },
    ];
    const each = async (note: string, makeTuning: (seed: number) => EmojiTuning, asked: OtherWords[]) => {
      const outcomes: EmojiOutcome[] = [];
      for (const seed of seeds) {
        const { outcome } = await runEmoji(setup, makeTuning(seed), device, memory, { others: asked });
        outcomes.push(outcome);
        onDone(`${size}: ${note}, seed ${seed}`);
      }
      return outcomes;
    };
    const recipe = (seed: number) => changeRecipe(embeddedRecipe, { seed, steps });
    const rtd = await each(`${method} + RTD`, (seed) => rtdTuning(setup, recipe(seed)), others);
    const tuned: MethodResult["naive"] = [];
    for (const anchor of naive.includes(size) ? (method === "Pic2Word" ? [true] : [true, false]) : []) {
      const note = `${method} naively${anchor ? "" : ", no anchor"}`;
      const naiveRecipe = (seed: number) => {
        const { trainable, optimizer, schedule } = recipe(seed);
        return { seed, steps, trainable, optimizer, schedule };
      };
      const runs = await each(note, (seed) => naiveTuning(setup, naiveRecipe(seed), anchor, inverted), []);
      tuned.push({ anchor, runs });
    }
    methods.push({ method, frozen: frozen[i], rtd, naive: tuned });
  }
  const parameters = Object.values(clip.weights).reduce((sum, tensor) => sum + tensor.size, 0);
  disposeWeights(clip.weights);
  phis.forEach(({ phi }) => disposeWeights(phi.weights));
  tf.dispose([inverted.words, features.noto, features.fluent]);
  return {
    size,
    parameters,
    queries,
    baselines,
    methods,
    inverted: invertedRow,
    labelToPicture: labels.labelToPicture["R@1"],
  };
}

/**
 * The main table (the paper's Tables 2 to 4) on the embedded benchmark: three methods, with and without RTD, each CLIP.
 */
import type { Device } from "../../backend/device.ts";
import type { QueryMethod } from "../../evaluation/query_method.ts";
import type { Path } from "../../io/path.ts";
import { type PhiMethod, phiMethods } from "../../projection/fit_phi.ts";
import { loadPseudoTokens } from "../../projection/pseudo_token_file.ts";
import { changeRecipe, embeddedRecipe } from "../../rtd/recipe.ts";
import * as tf from "../../tensors/tf.ts";
import { disposeWeights, parameterCount } from "../../tensors/weights.ts";
import { type EmojiBenchmark, emojiQueries, type EmojiQuery } from "../data/benchmark.ts";
import {
  type EmbeddedModel,
  embeddedModelFolder,
  type EmbeddedSize,
  invertedFile,
  loadEmbeddedModel,
} from "../model/embedded_model.ts";
import { type EmojiRun, type OtherPseudoTokens, runExperiment } from "./experiment.ts";
import { type FineTuningMethod, naiveFineTuning, rtdFineTuning } from "./fine_tuning_methods.ts";
import { labelRetrieval } from "./label_retrieval.ts";
import { encodeEmojiImages, tokenRows } from "./part.ts";
import { type EmojiRow, emojiRow, type EmojiSetup, frozenMethods } from "./rows.ts";
import type { EmojiScores } from "./scores.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { inFolder } from "../../io/path.ts";

/** Options of {@linkcode mainResults}. */
export interface MainOptions {
  /** The embedded CLIPs. */
  sizes: readonly EmbeddedSize[];
  /** Seeds of fine-tuning; every method is run once with each. */
  seeds: readonly number[];
  /** Steps of each fine-tuning. */
  steps: number;
  /** The device in use. */
  device: Device;
  /** The folder of cached runs. */
  cache: Path;
  /** Sizes for which naive fine-tuning is run too. */
  naive: readonly EmbeddedSize[];
  /**
   * Called after the frozen rows of each CLIP and after each run, with the number done, their total and a note; while
   * the frozen rows are computed, the number done has a fraction.
   */
  onProgress?: OnProgress;
  /**
   * Called after each step of a fine-tuning that is not cached, with the name of the run; the next step waits for it.
   */
  onStep?: (run: string, step: number) => Promise<void> | void;
}

/** Name of the rows of inverted pseudo-tokens, beside the methods' names. */
export const invertedName = "SEARLE-OTI";

/** The query methods without a pseudo-token. */
export type Baseline = Extract<QueryMethod, "image only" | "text only" | "image + text sum" | "oracle">;

const baselineMethods: readonly Baseline[] = frozenMethods.filter((method) => method !== "phi + text");

/** Returns the anchors with which naive fine-tuning is run; Pic2Word's targets are images, so it needs one. */
function anchorsOf(method: PhiMethod): boolean[] {
  return method === "Pic2Word" ? [true] : [true, false];
}

/** Results of a base method on one CLIP. */
export interface MethodResult {
  /** The method that trained phi. */
  method: PhiMethod;
  /** The frozen encoder. */
  frozen: EmojiRow;
  /** RTD, one run a seed; each is also evaluated with the other methods' pseudo-tokens and the inverted ones. */
  rtd: EmojiRun[];
  /** Naive fine-tuning, one run a seed; empty where it was not requested. */
  naive: { anchor: boolean; runs: EmojiRun[] }[];
}

/** Results of one CLIP. */
export interface ClipResult {
  /** The embedded CLIP. */
  size: EmbeddedSize;
  /** Number of its parameters. */
  parameters: number;
  /** The queries of test families. */
  queries: EmojiQuery[];
  /** Scores of the query methods without pseudo-token. */
  baselines: Record<Baseline, EmojiScores>;
  /** Results of each base method. */
  methods: MethodResult[];
  /** The frozen encoder with inverted pseudo-tokens. */
  inverted: EmojiRow;
  /** Label-to-image R@1 of the frozen encoder, percent. */
  labelToImage: number;
}

/** Computes the main results, CLIP by CLIP; cached runs are read from `cache`. */
export async function mainResults(benchmark: EmojiBenchmark, options: MainOptions): Promise<ClipResult[]> {
  const { sizes, seeds, naive, onProgress = () => {} } = options;
  const naiveRows = phiMethods.flatMap(anchorsOf).length;
  const runs = (size: EmbeddedSize) => seeds.length * (phiMethods.length + (naive.includes(size) ? naiveRows : 0));
  const total = sizes.reduce((sum, size) => sum + 1 + runs(size), 0);
  let done = 0;
  const results: ClipResult[] = [];
  for (const size of sizes) {
    const within = (share: number) => onProgress(done + share, total, `${size}: frozen rows`);
    results.push(await clipResult(benchmark, size, options, within, (note) => onProgress(++done, total, note)));
  }
  return results;
}

async function clipResult(
  benchmark: EmojiBenchmark,
  size: EmbeddedSize,
  { seeds, steps, device, cache, naive, onStep = () => {} }: MainOptions,
  within: (share: number) => void,
  onDone: (note: string) => void,
): Promise<ClipResult> {
  const queries = emojiQueries(benchmark, "test");
  const models: EmbeddedModel[] = [];
  for (const method of phiMethods) models.push(await loadEmbeddedModel({ size, method, clip: models[0]?.clip }));
  const { clip } = models[0];
  const inverted = await loadPseudoTokens(clip, inFolder(embeddedModelFolder(size), invertedFile));
  const pseudoTokens = tokenRows(inverted);
  const features = await encodeEmojiImages(clip, benchmark, {
    onProgress: (done, total) => within(done / total / 2), // about half of the time
  });
  const setups = models.map((model): EmojiSetup => ({ ...model, benchmark, features, queries }));

  let rows = 0;
  const total = baselineMethods.length + 1 + 1 + setups.length; // and labels, and inverted pseudo-tokens
  const rowDone = () => within(0.5 + ++rows / total / 2);
  const baselines = {} as ClipResult["baselines"];
  for (const method of baselineMethods) {
    baselines[method] = (await emojiRow(setups[0], method, method)).main;
    rowDone();
  }
  const labels = await labelRetrieval(clip, { emoji: benchmark.emoji, images: benchmark.images.noto, features });
  rowDone();
  const invertedRow = await emojiRow({ ...setups[0], pseudoTokens }, invertedName, "pseudo-token + text");
  rowDone();
  const frozen: EmojiRow[] = [];
  for (const setup of setups) {
    frozen.push(await emojiRow(setup, setup.phi.method, "phi + text"));
    rowDone();
  }
  onDone(`${size}: frozen rows`);

  const methods: MethodResult[] = [];
  for (const [i, setup] of setups.entries()) {
    const method = phiMethods[i];
    const others: OtherPseudoTokens[] = [
      ...models.filter(({ phi }) => phi !== setup.phi).map(({ phi }) => ({ name: phi.method, hash: phi.hash, phi })),
      { name: invertedName, hash: inverted.hash, pseudoTokens },
    ];
    const each = async (
      note: string,
      prepare: (seed: number) => Promise<FineTuningMethod>,
      others: OtherPseudoTokens[],
    ) => {
      const runs: EmojiRun[] = [];
      for (const seed of seeds) {
        const name = `${size}: ${note}, seed ${seed}`, observed = (step: number) => onStep(name, step);
        runs.push((await runExperiment(setup, await prepare(seed), { device, cache, others, onStep: observed })).run);
        onDone(name);
      }
      return runs;
    };
    const recipe = (seed: number) => changeRecipe(embeddedRecipe, { seed, steps });
    const rtd = await each(`${method} + RTD`, (seed) => rtdFineTuning(setup, recipe(seed)), others);
    const naiveRuns: MethodResult["naive"] = [];
    for (const anchor of naive.includes(size) ? anchorsOf(method) : []) {
      const note = `${method} naively${anchor ? "" : ", no anchor"}`;
      const prepare = (seed: number) => {
        const { trainable, optimizer, schedule } = recipe(seed);
        const naiveRecipe = { seed, steps, trainable, optimizer, schedule };
        return naiveFineTuning(setup, { recipe: naiveRecipe, anchor, inverted });
      };
      naiveRuns.push({ anchor, runs: await each(note, prepare, []) });
    }
    methods.push({ method, frozen: frozen[i], rtd, naive: naiveRuns });
  }
  const parameters = parameterCount(clip.weights);
  disposeWeights(clip.weights);
  models.forEach(({ phi }) => disposeWeights(phi.weights));
  tf.dispose([inverted.tokens, features.rows]);
  return {
    size,
    parameters,
    queries,
    baselines,
    methods,
    inverted: invertedRow,
    labelToImage: labels.labelToImage["R@1"],
  };
}

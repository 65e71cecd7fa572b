/**
 * Runs of fine-tuning with their evaluation on the embedded benchmark, cached by everything that decides their results.
 */
import { backendName } from "../../backend/backend_name.ts";
import type { Device } from "../../backend/device.ts";
import { writeAtomically } from "../../io/atomic_write.ts";
import { jsonHash } from "../../io/hash.ts";
import { isObject } from "../../io/json_values.ts";
import { inFolder, type Path } from "../../io/path.ts";
import { readTextIfThere } from "../../io/read_file.ts";
import type { QueryEncoder } from "../../evaluation/query_encoder.ts";
import { disposeWeights } from "../../tensors/weights.ts";
import type { FineTuningMethod } from "./fine_tuning_methods.ts";
import { labelRetrieval } from "./label_retrieval.ts";
import { emojiRow, type EmojiSetup, ranksOf, type SideSetting } from "./rows.ts";
import { compactScores, type EmojiScores, evaluateEmoji } from "./scores.ts";

/** Results of one run of fine-tuning. */
export interface EmojiRun {
  /** Everything that decides the results; their hash names the run's file. */
  inputs: Record<string, unknown>;
  /** The device that computed it. */
  device: Device;
  /** Seconds of fine-tuning and evaluation. */
  seconds: number;
  /** Loss of the last step. */
  finalLoss: number;
  /** Scores in the main setting. */
  main: Omit<EmojiScores, "queries" | "results">;
  /** Rank of each query's best-ranked correct image in the main setting, counted from 1. */
  ranks: number[];
  /** Macro R@1 in each side setting, percent. */
  side: Partial<Record<SideSetting, number>>;
  /** Label-to-image R@1 on Noto with the fine-tuned encoder, percent: measures how plain retrieval changes. */
  labelToImage: number;
  /**
   * Macro R@1 (percent) and ranks of the fine-tuned encoder with other pseudo-tokens than in training, by their name.
   */
  others: Record<string, { macroR1: number; ranks: number[] }>;
}

/** Other pseudo-tokens with which a fine-tuned encoder is evaluated. */
export interface OtherPseudoTokens extends Pick<QueryEncoder, "phi" | "pseudoTokens"> {
  /** Name of the row. */
  name: string;
  /** Hash of the file that they come from. */
  hash: string;
}

/** Where runs are cached, and how one is observed. */
export interface ExperimentOptions {
  /** The device in use. */
  device: Device;
  /** The folder of cached runs, one JSON file each. */
  cache: Path;
  /** Other pseudo-tokens to evaluate the fine-tuned encoder with. */
  others?: readonly OtherPseudoTokens[];
  /** Called after every training step; not called for a cached run. */
  onStep?: (step: number, loss: number) => Promise<void> | void;
}

/** A run, and whether it was read from the cache. */
export interface CachedRun {
  /** The run. */
  run: EmojiRun;
  /** Whether it was read from the cache. */
  cached: boolean;
}

/** Part of the cache key; it is raised when a change of the code changes results. */
const version = 4;

/**
 * Fine-tunes the text encoder and evaluates it, or reads the same run from the cache. The fine-tuned weights are
 * disposed.
 *
 * The cache is keyed by the method with its recipe and training data, the weights' hashes, the split, the queries, the
 * image packages and the backend: change one and the run is made anew.
 *
 * @throws {Error} as the fine-tuning method does, or if the cached run is damaged, another one, or cannot be written
 */
export async function runExperiment(
  setup: EmojiSetup,
  { inputs: methodInputs, run: fineTune }: FineTuningMethod,
  { device, cache, others = [], onStep = () => {} }: ExperimentOptions,
): Promise<CachedRun> {
  const { clip, phi, benchmark, features, queries } = setup;
  const inputs = {
    version,
    ...methodInputs,
    clip: clip.identity,
    phi: phi.hash,
    others: others.map(({ hash }) => hash),
    splitSeed: benchmark.splitSeed,
    queries: await jsonHash(queries.map(({ reference, target, texts }) => [reference.code, target.code, texts])),
    images: Object.values(benchmark.images).map(({ source, codes }) => `${source}: ${codes.length}`),
    backend: backendName(),
  };
  const file = inFolder(cache, `${(await jsonHash(inputs)).slice(0, 16)}.json`);
  const text = await readTextIfThere(file);
  if (text !== undefined) {
    const run = parseRun(text, file);
    const whole = await jsonHash(run.inputs) === await jsonHash(inputs) && run.ranks.length === queries.length &&
      Object.values(run.others).every(({ ranks }) => ranks?.length === queries.length);
    if (!whole) {
      throw new Error(`Reading the cached run ${file} failed: it is not the run that its name says; delete the file.`);
    }
    // The hashes of other pseudo-tokens are part of the inputs, the names of their rows are not.
    if (Object.keys(run.others).join("\n") === others.map(({ name }) => name).join("\n")) return { run, cached: true };
  }

  const started = performance.now();
  const { textWeights, losses } = await fineTune({ onStep: ({ step, loss }) => onStep(step, loss) });
  try {
    const row = await emojiRow(setup, "run", "phi + text", textWeights);
    const labels = await labelRetrieval(clip, {
      emoji: benchmark.emoji,
      images: benchmark.images.noto,
      features,
      textWeights,
    });
    const withOthers: EmojiRun["others"] = {};
    for (const { name, phi, pseudoTokens } of others) {
      const encoder = { clip, phi, pseudoTokens, textWeights };
      const method = pseudoTokens ? "pseudo-token + text" : "phi + text";
      const scores = await evaluateEmoji({ encoder, benchmark, features, queries, method });
      withOthers[name] = { macroR1: scores.macro["R@1"], ranks: ranksOf(scores) };
    }
    const run: EmojiRun = {
      inputs,
      device,
      seconds: Math.round((performance.now() - started) / 100) / 10,
      finalLoss: losses[losses.length - 1],
      main: compactScores(row.main),
      ranks: ranksOf(row.main),
      side: Object.fromEntries(Object.entries(row.side).map(([name, { macro }]) => [name, macro["R@1"]])),
      labelToImage: labels.labelToImage["R@1"],
      others: withOthers,
    };
    await writeAtomically(file, withShortLists(run) + "\n");
    return { run, cached: false };
  } finally {
    disposeWeights(textWeights);
  }
}

/** Parses a cached run, and checks that it has the fields of one. */
function parseRun(text: string, file: string): EmojiRun {
  let run: Partial<EmojiRun> | undefined;
  try {
    run = JSON.parse(text);
  } catch {
    // The check below refuses undefined.
  }
  if (
    !isObject(run) || !isObject(run.inputs) || !Array.isArray(run.ranks) || !isObject(run.main) ||
    !isObject(run.side) || !isObject(run.others) || typeof run.labelToImage !== "number"
  ) {
    throw new Error(
      `Reading the cached run ${file} failed: it is damaged, or no run; delete the file to make it anew.`,
    );
  }
  return run as unknown as EmojiRun;
}

/** Returns indented JSON with each list of numbers on one line. */
function withShortLists(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\[[\d\s,]+\]/g, (list) => list.replace(/\s+/g, ""));
}

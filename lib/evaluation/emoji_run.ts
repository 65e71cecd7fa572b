/** One tuning on the embedded benchmark with its evaluation, remembered by what went into it. */
import type { Device } from "../backend/device.ts";
import { jsonHash } from "../clip/model_folder.ts";
import { disposeWeights } from "../clip/weights.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import { readTextIfThere } from "../formats/read_file.ts";
import { type EmojiScores, evaluateEmoji } from "./emoji_retrieval.ts";
import { compactScores, emojiRow, type EmojiSetup, type SideSetting } from "./emoji_rows.ts";
import type { EmojiTuning } from "./emoji_tunings.ts";
import { labelRetrieval } from "./label_retrieval.ts";

/** What a run is remembered by, and what came out. */
export interface EmojiOutcome {
  /** Everything that decides the outcome. */
  inputs: Record<string, unknown>;
  device: Device;
  seconds: number;
  finalLoss: number;
  main: Omit<EmojiScores, "answers">;
  /** In the main setting, the rank of each query's first correct picture. */
  ranks: number[];
  side: Partial<Record<SideSetting, number>>;
  /** Label-to-picture R@1 on Noto with the tuned encoder: what tuning costs plain retrieval. */
  labelToPicture: number;
  /** The tuned encoder asked with pseudo-words that it was not tuned with: macro R@1 and the ranks, by name. */
  others: Record<string, { macroR1: number; ranks: number[] }>;
}

/** Other pseudo-words that a tuned encoder is asked with. */
export interface OtherWords {
  name: string;
  /** Names what they are, such as the hash of their file. */
  hash: string;
  phi: EmojiSetup["model"]["phi"];
  inverted?: EmojiSetup["model"]["inverted"];
}

/**
 * Tunes and evaluates, or reads the outcome of the same run from `folder`.
 *
 * The memory is keyed by the tuning, the weights' hashes, the split, the queries, the picture packages and the backend:
 * change one and the run is made anew.
 *
 * @param folder where outcomes are kept, one JSON file each
 * @returns the outcome, and whether it was read
 */
export async function runEmoji(
  setup: EmojiSetup,
  tuning: EmojiTuning,
  device: Device,
  folder: string,
  { others = [], onStep = () => {} }: {
    others?: readonly OtherWords[];
    onStep?: (step: number, loss: number) => Promise<void> | void;
  } = {},
): Promise<{ outcome: EmojiOutcome; remembered: boolean }> {
  const { model, benchmark, queries } = setup;
  const asked = queries.map(({ reference, target, texts }) => [reference.code, target.code, texts]);
  const inputs = {
    // Raise it when a change of the code changes outcomes.
    version: 2,
    ...tuning.inputs,
    clip: model.clip.hash,
    phi: model.phiHash,
    others: others.map(({ hash }) => hash),
    splitSeed: benchmark.splitSeed,
    queries: await jsonHash(asked),
    pictures: Object.values(benchmark.pictures).map(({ source, codes }) => `${source}: ${codes.length}`),
    backend: device.backend,
  };
  const file = `${folder}/${(await jsonHash(inputs)).slice(0, 16)}.json`;
  const text = await readTextIfThere(file);
  if (text !== undefined) return { outcome: JSON.parse(text), remembered: true };

  const started = performance.now();
  const { textWeights, losses } = await tuning.tune({ onStep: ({ step, loss }) => onStep(step, loss) });
  const row = await emojiRow(setup, "run", "phi + text", textWeights);
  const clip = { ...model.clip, weights: { ...model.clip.weights, ...textWeights } };
  const labels = await labelRetrieval(clip, benchmark.emoji, benchmark.pictures.noto, setup.features.noto);
  const answered: EmojiOutcome["others"] = {};
  for (const { name, phi, inverted } of others) {
    const asker = { clip: model.clip, phi, inverted };
    const scores = await evaluateEmoji(asker, textWeights, benchmark, setup.features, queries, "phi + text");
    answered[name] = { macroR1: scores.macro["R@1"], ranks: ranksOf(scores) };
  }
  disposeWeights(textWeights);
  const outcome: EmojiOutcome = {
    inputs,
    device,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    finalLoss: losses[losses.length - 1],
    main: compactScores(row.main),
    ranks: ranksOf(row.main),
    side: Object.fromEntries(Object.entries(row.side).map(([name, { macro }]) => [name, macro["R@1"]])),
    labelToPicture: labels.labelToPicture["R@1"],
    others: answered,
  };
  await writeAtomically(file, withShortLists(outcome) + "\n");
  return { outcome, remembered: false };
}

function ranksOf({ answers }: EmojiScores): number[] {
  return answers.map(({ ranked }) => ranked.rank);
}

/** Indented JSON, but each list of numbers on one line. */
function withShortLists(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\[[\d\s,]+\]/g, (list) => list.replace(/\s+/g, ""));
}

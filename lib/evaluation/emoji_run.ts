/** One training run on the embedded benchmark with its evaluation, remembered by what went into it. */
import { disposeWeights } from "../clip/weights.ts";
import type { Device } from "../backend/device.ts";
import { sha256 } from "../clip/model_folder.ts";
import { editSampler } from "../emoji/triplets.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import type { RtdRecipe } from "../rtd/recipe.ts";
import { trainRtd } from "../rtd/train.ts";
import type { RandomState } from "../training/random.ts";
import { compactScores, emojiRow, type EmojiSetup, type SideSetting } from "./emoji_rows.ts";
import type { EmojiScores } from "./emoji_retrieval.ts";
import { labelRetrieval } from "./label_retrieval.ts";

/** What a run is remembered by, and what came out. */
export interface EmojiOutcome {
  /** Everything that decides the outcome. */
  inputs: Record<string, unknown>;
  device: Device;
  seconds: number;
  finalLoss: number;
  main: Omit<EmojiScores, "answers">;
  side: Partial<Record<SideSetting, number>>;
  /** Label-to-picture R@1 on Noto with the tuned encoder: what tuning costs plain retrieval. */
  labelToPicture: number;
}

/**
 * Trains with `recipe` and evaluates, or reads the outcome of the same run from `folder`.
 *
 * The memory is keyed by the recipe, the weights' hashes, the split, the queries, the picture packages and the backend:
 * change one and the run is made anew.
 *
 * @param folder where outcomes are kept, one JSON file each
 * @returns the outcome, and whether it was read
 */
export async function runEmoji(
  setup: EmojiSetup,
  recipe: RtdRecipe,
  device: Device,
  folder: string,
  onStep: (step: number, loss: number) => Promise<void> | void = () => {},
): Promise<{ outcome: EmojiOutcome; remembered: boolean }> {
  const { model, benchmark, queries } = setup;
  const asked = queries.map(({ reference, target, texts }) => [reference.code, target.code, texts]);
  const inputs = {
    // Raise it when a change of the code changes outcomes.
    version: 1,
    recipe,
    clip: model.clip.hash,
    phi: model.phiHash,
    splitSeed: benchmark.splitSeed,
    queries: await hash(asked),
    pictures: Object.values(benchmark.pictures).map(({ source, codes }) => `${source}: ${codes.length}`),
    backend: device.backend,
  };
  const file = `${folder}/${(await hash(inputs)).slice(0, 16)}.json`;
  const text = await Deno.readTextFile(file).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text !== undefined) return { outcome: JSON.parse(text), remembered: true };

  const started = performance.now();
  const { textWeights, losses } = await trainRtd(
    model,
    (start) => editSampler(benchmark.edits.train, start as number | RandomState),
    recipe,
    { onStep: ({ step, loss }) => onStep(step, loss) },
  );
  const row = await emojiRow(setup, "run", "phi + text", textWeights);
  const clip = { ...model.clip, weights: { ...model.clip.weights, ...textWeights } };
  const labels = await labelRetrieval(clip, benchmark.emoji, benchmark.pictures.noto, setup.features.noto);
  disposeWeights(textWeights);
  const outcome: EmojiOutcome = {
    inputs,
    device,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    finalLoss: losses[losses.length - 1],
    main: compactScores(row.main),
    side: Object.fromEntries(Object.entries(row.side).map(([name, { macro }]) => [name, macro["R@1"]])),
    labelToPicture: labels.labelToPicture["R@1"],
  };
  await writeAtomically(file, JSON.stringify(outcome, null, 1) + "\n");
  return { outcome, remembered: false };
}

async function hash(value: unknown): Promise<string> {
  return await sha256(new TextEncoder().encode(JSON.stringify(value)));
}

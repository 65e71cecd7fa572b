/** Splits of the kinds, and pairs of kinds that no CLIP sees together in its pretraining. */
import { random } from "../../tensors/random.ts";
import { kinds } from "./kinds.ts";

/** A split of the kinds. */
export type SceneSplit = "train" | "validation" | "test";

/** Number of kinds in each split; the rest is for testing. */
const trainKinds = 34, validationKinds = 10;

/** Seed of the held-out pairs: one for all splits, since the CLIP is pretrained once. */
const pairSeed = 20262;

/** Draws the kinds of each split. */
export function splitKinds(seed: number): Record<SceneSplit, number[]> {
  const order = random(seed + 2000).shuffle([...kinds.keys()]), end = trainKinds + validationKinds;
  const sorted = (from: number, to?: number) => order.slice(from, to).sort((a, b) => a - b);
  return { train: sorted(0, trainKinds), validation: sorted(trainKinds, end), test: sorted(end) };
}

/**
 * Returns whether two kinds are a held-out pair: half of all pairs, which are never together in an image that a CLIP is
 * pretrained on. Scenes for validation and testing have only these.
 */
export const isHeldOut: (a: number, b: number) => boolean = (() => {
  const pairs = [...kinds.keys()].flatMap((a) => [...Array(a).keys()].map((b) => `${b} ${a}`));
  const held = new Set(random(pairSeed).shuffle(pairs).slice(0, pairs.length / 2));
  return (a: number, b: number) => held.has(a < b ? `${a} ${b}` : `${b} ${a}`);
})();

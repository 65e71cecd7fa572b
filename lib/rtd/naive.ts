/**
 * Naive tuning (the paper's Table 8): the text encoder follows the base method's own loss instead of RTD's, phi staying
 * as it is. Whether targets come from the frozen encoder is the objective's `anchor`; Pic2Word's targets are pictures.
 */
import type { MakeObjective, Objective } from "../projection/objective.ts";
import type { FitSource } from "../training/fit.ts";
import { random, type RandomState } from "../training/random.ts";
import type { RtdRecipe } from "./recipe.ts";
import type { RtdModel } from "./train.ts";
import { type Tuned, tuneText, type TuningRun } from "./tune_text.ts";

/** Choices of a recipe that naive tuning shares with RTD; the rest belongs to the objective. */
export type NaiveRecipe = Pick<RtdRecipe, "seed" | "steps" | "trainable" | "optimizer" | "schedule">;

/**
 * Tunes.
 *
 * @param makeObjective the base method's, made with the same CLIP
 * @param objective what it is, for the checkpoint: method, data, anchor
 * @throws {Error} as `trainRtd` does
 */
export async function tuneNaively(
  { clip, phi, phiHash }: RtdModel,
  makeObjective: MakeObjective,
  objective: Record<string, unknown>,
  { seed, steps, trainable, optimizer, schedule }: NaiveRecipe,
  run: TuningRun = {},
): Promise<Tuned> {
  function begin(saved?: unknown): FitSource {
    const state = saved as { random: RandomState; objective: unknown } | undefined;
    const rng = random(state?.random ?? seed);
    const drawn: Objective = makeObjective(state ? state.objective : seed + 1);
    return {
      async next() {
        const { loss, constants } = await drawn.next(rng);
        return { loss: (text) => loss(phi.weights, text, (hidden) => hidden), constants };
      },
      state: () => ({ random: rng.state(), objective: drawn.state() }),
    };
  }
  return await tuneText(
    clip,
    trainable,
    {
      title: "Naive tuning",
      configuration: { objective, seed, trainable, optimizer, schedule, clip: clip.hash, phi: phiHash },
      options: { steps, optimizer, schedule },
      begin,
    },
    run,
  );
}

/**
 * Naive fine-tuning (the paper's Table 8): the text encoder follows the base method's own loss instead of RTD's, phi staying
 * frozen. Whether targets come from the frozen encoder is the objective's `anchor`; Pic2Word's targets are images.
 */
import type { Clip } from "../clip/files/model_folder.ts";
import type { Objective } from "../projection/objective.ts";
import type { Phi } from "../projection/phi.ts";
import { random, type RandomState } from "../tensors/random.ts";
import { type FineTuned, fineTuneText, type FineTuningControl } from "./fine_tune_text.ts";
import type { RtdRecipe } from "./recipe.ts";

/** The choices of a recipe that naive fine-tuning shares with RTD; the others belong to the objective. */
export type NaiveRecipe = Pick<RtdRecipe, "seed" | "steps" | "trainable" | "optimizer" | "schedule">;

/** What {@linkcode fineTuneNaively} needs. */
export interface NaiveFineTuningOptions<State> extends FineTuningControl {
  /** The CLIP whose text encoder is fine-tuned; it is unchanged. */
  clip: Clip;
  /** The frozen projection. */
  phi: Phi;
  /** The base method's loss, made with the same CLIP, its sampler started with `recipe.seed + 1`. */
  objective: Objective<State>;
  /** What the objective is, for the checkpoint: method, data, anchor. */
  description: Record<string, unknown>;
  /** The recipe. */
  recipe: NaiveRecipe;
}

/** Fine-tunes a copy of the text encoder with a base method's loss and returns it; `clip` is unchanged. */
export async function fineTuneNaively<State>(
  { clip, phi, objective, description, recipe, ...control }: NaiveFineTuningOptions<State>,
): Promise<FineTuned> {
  const { seed, steps, trainable, optimizer, schedule } = recipe;
  let rng = random(seed);
  return await fineTuneText<{ random: RandomState; objective: State }>({
    ...control,
    clip,
    trainable,
    title: "Naive fine-tuning",
    configuration: { objective: description, seed, trainable, optimizer, schedule, clip: clip.hash, phi: phi.hash },
    options: { steps, optimizer, schedule },
    source: {
      async next() {
        const { loss, constants } = await objective.next(rng);
        return { loss: (text) => loss(phi.weights, text, (hidden) => hidden), constants };
      },
      state: () => ({ random: rng.state(), objective: objective.state() }),
      restore(saved) {
        rng = random(saved.random);
        objective.restore(saved.objective);
      },
    },
  });
}

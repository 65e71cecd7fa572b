/**
 * Naive fine-tuning (the paper's Table 8): fine-tunes the text encoder with the base method's own loss instead of
 * RTD's; phi stays frozen. The `anchor` of the objective decides whether targets come from the frozen encoder; those of
 * Pic2Word are images.
 */
import type { Clip } from "../clip/files/model_folder.ts";
import type { Objective } from "../projection/objective.ts";
import { checkPhiWidths, type Phi } from "../projection/phi.ts";
import { random, type RandomState } from "../tensors/random.ts";
import { type FineTuned, fineTuneText, type FineTuningControl } from "./fine_tune_text.ts";
import type { RtdRecipe } from "./recipe.ts";

/** What error messages call the training. */
const title = "Naive fine-tuning";

/** A recipe for naive fine-tuning: the choices that it shares with RTD. The others belong to the objective. */
export type NaiveRecipe = Pick<RtdRecipe, "seed" | "steps" | "trainable" | "optimizer" | "schedule">;

/** Options of {@linkcode fineTuneNaively}. */
export interface NaiveFineTuningOptions<State> extends FineTuningControl {
  /** The CLIP whose text encoder is fine-tuned; it is unchanged. */
  clip: Clip;
  /** The frozen projection. */
  phi: Phi;
  /** The base method's loss for the same CLIP, its sampler started with `recipe.seed + 1`. */
  objective: Objective<State>;
  /** Describes the objective (method, its loss's choices, data, anchor); a checkpoint with another description is not resumed. */
  description: Record<string, unknown>;
  /** The recipe. */
  recipe: NaiveRecipe;
}

/**
 * Fine-tunes a copy of the text encoder with a base method's loss and returns it; `clip` is unchanged.
 *
 * @throws {Error} if phi was made for a CLIP of other widths, the loss becomes NaN or infinite, or the checkpoint to
 *   resume is missing, damaged, or of another objective, data, recipe or model
 */
export async function fineTuneNaively<State>(
  { clip, phi, objective, description, recipe, ...control }: NaiveFineTuningOptions<State>,
): Promise<FineTuned> {
  const { seed, steps, trainable, optimizer, schedule } = recipe;
  checkPhiWidths(phi, clip.config, title);
  let rng = random(seed);
  return await fineTuneText<{ random: RandomState; objective: State }>({
    ...control,
    clip,
    trained: { trainable },
    title,
    configuration: { objective: description, seed, trainable, optimizer, schedule, clip: clip.identity, phi: phi.hash },
    options: { steps, optimizer, schedule },
    source: {
      async next() {
        const { loss, constants } = await objective.next(rng);
        return { loss: (encode) => loss(phi.weights, encode, (hidden) => hidden), constants };
      },
      state: () => ({ random: rng.state(), objective: objective.state() }),
      restore(saved) {
        rng = random(saved.random);
        objective.restore(saved.objective);
      },
      data: () => objective.data(),
    },
  });
}

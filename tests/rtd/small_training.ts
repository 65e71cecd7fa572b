/** Small trainings with RTD: of the embedded model on words, of the golden CLIP on token ids. */
import type { Weights } from "../../lib/tensors/weights.ts";
import { type EmbeddedModel, loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { initialPhi } from "../../lib/projection/phi.ts";
import { changeRecipe, embeddedRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import type { FineTuningControl } from "../../lib/rtd/fine_tune_text.ts";
import { random } from "../../lib/tensors/random.ts";
import type { Triplet } from "../../lib/triplets/triplet.ts";
import type { BackendName } from "../backends.ts";
import { goldenClip } from "../projection/golden_clip.ts";

/** Words that a conditioning text names. */
export const words = ["red", "green", "blue", "black", "white", "orange", "purple", "brown"];

/** What they describe. */
export const nouns = ["heart", "apple", "book", "circle", "square"];

/** Every word with every noun, changed to the next word. */
function triplets(text: (word: string, noun: string) => string, condition: (word: string) => string): Triplet[] {
  const next = (i: number) => words[(i + 1) % words.length];
  return nouns.flatMap((noun) =>
    words.map((word, i) => ({
      reference: text(word, noun),
      conditioning: condition(next(i)),
      target: text(next(i), noun),
    }))
  );
}

/** In English, for the embedded CLIP. */
export const english = triplets((word, noun) => `${word} ${noun}`, (word) => `is ${word}`);

/** The same as token ids, for the golden CLIP. */
export const numbers = triplets(
  (word, noun) => `37 ${5 + words.indexOf(word)} ${20 + nouns.indexOf(noun)} 39`,
  (word) => `${5 + words.indexOf(word)} 39`,
);

/** A short recipe of small steps. */
export const small = changeRecipe(embeddedRecipe, { batch: 8, steps: 4 });

const models = new Map<BackendName, EmbeddedModel>();

/** The small embedded model on the backend in use: tensors of one do not live on another. */
export async function modelOf(backend: BackendName): Promise<EmbeddedModel> {
  const model = models.get(backend) ?? await loadEmbeddedModel({ size: "small" });
  models.set(backend, model);
  return model;
}

/** The golden CLIP with an untrained phi: all that a CLIP has, and small. */
export function goldenModel(): EmbeddedModel {
  const weights = initialPhi("gelu", { embedding: 14, hiddenWidth: 6, token: 16 }, random(1));
  return { clip: goldenClip(), phi: { method: "LinCIR", input: "raw", provenance: {}, weights, hash: "made" } };
}

/** Trains the golden CLIP. */
export async function trainGolden(recipe: RtdRecipe, control: FineTuningControl = {}) {
  return await trainRtd({ ...goldenModel(), triplets: numbers, recipe, ...control });
}

/** The numbers of all tensors. */
export async function valuesOf(weights: Weights): Promise<Record<string, Float32Array>> {
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(weights)) values[name] = await tensor.data() as Float32Array;
  return values;
}

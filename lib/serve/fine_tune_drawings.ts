/** The demo's fine-tuning for the page: it gives way to requests, and its result is kept for the next time. */
import { describeDevice, type Device } from "../backend/device.ts";
import { loadTextEncoder } from "../clip/files/text_folder.ts";
import { editSampler } from "../emoji/data/triplets.ts";
import type { Edit } from "../emoji/data/edits.ts";
import type { EmbeddedModel } from "../emoji/model/embedded_model.ts";
import { jsonHash } from "../io/hash.ts";
import { inFolder, type Path } from "../io/path.ts";
import { isFolder } from "../io/read_file.ts";
import { shownReason } from "../io/shown.ts";
import { changeRecipe, embeddedRecipe, type RtdRecipe } from "../rtd/recipe.ts";
import { saveFineTuned } from "../rtd/save_fine_tuned.ts";
import { trainRtd } from "../rtd/train.ts";
import { disposeWeights, type Weights } from "../tensors/weights.ts";
import type { Stage } from "./collection.ts";

/** Steps: the demo's on WebAssembly, so that the page is the same on every machine. */
const steps = 100;

/** Milliseconds in which a request may arrive between two steps. */
const breath = 5;

/** Options of {@linkcode fineTuneDrawings}. */
export interface FineTuneDrawingsOptions {
  /** The embedded CLIP and its phi. */
  model: EmbeddedModel;
  /** The edits of train families. */
  edits: readonly Edit[];
  /** The device in use. */
  device: Device;
  /** The folder in which the result is kept, and looked for. */
  cache: Path;
  /** Whether nobody waits for an answer. */
  idle: () => boolean;
  /** Called after each step. */
  onStage: (stage: Stage) => void;
  /** Called with why a kept result could not be read or the new one not be kept; the page goes on without. */
  onNotKept: (reason: string) => void;
  /** Stops the training. */
  signal: AbortSignal;
}

/**
 * Fine-tunes the embedded CLIP's text encoder with RTD, or reads what an earlier run has kept.
 *
 * @returns the fine-tuned text tower, the caller's to dispose; undefined if the signal stopped it
 * @throws {Error} as `trainRtd`
 */
export async function fineTuneDrawings(
  { model, edits, device, cache, idle, onStage, onNotKept, signal }: FineTuneDrawingsOptions,
): Promise<Weights | undefined> {
  const { clip, phi } = model, recipe = changeRecipe(embeddedRecipe, { steps }), triplets = editSampler(edits);
  const folder = inFolder(cache, await keyOf(model, recipe, device, await triplets.data()));
  try {
    if (isFolder(folder)) return (await loadTextEncoder(clip, folder)).weights;
  } catch (error) {
    onNotKept(shownReason(error));
  }
  const started = performance.now();
  const { textWeights } = await trainRtd({
    ...model,
    triplets,
    recipe,
    signal,
    async onStep({ step, loss }) {
      onStage({
        title: "Fine-tuning the text encoder with RTD, on text alone",
        done: step,
        total: steps,
        note: `Loss ${loss.toFixed(3)}.`,
        secondsLeft: (performance.now() - started) / 1000 / step * (steps - step),
      });
      do await new Promise((go) => setTimeout(go, breath)); while (!idle() && !signal.aborted);
    },
  });
  if (signal.aborted) {
    disposeWeights(textWeights);
    return undefined;
  }
  try {
    const data = "edits of emoji labels, train families";
    await saveFineTuned(folder, { clip, phi, textWeights, recipe, data, device: describeDevice(device), metrics: {} });
  } catch (error) {
    onNotKept(shownReason(error));
  }
  return textWeights;
}

/** Everything that decides the result. */
async function keyOf(
  { clip, phi }: EmbeddedModel,
  recipe: RtdRecipe,
  { backend }: Device,
  data: string,
): Promise<string> {
  return (await jsonHash([clip.identity, phi.hash, recipe, backend, data])).slice(0, 16);
}

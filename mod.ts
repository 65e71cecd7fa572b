/**
 * RTD for zero-shot composed image retrieval: the functions that a first script needs.
 *
 * RTD (Byun et al., ICCV 2025, arXiv 2406.09188) fine-tunes CLIP's text encoder on text triplets alone, so that the
 * text "a photo of [$] that {change}", with an image's pseudo-token as the embedding of `[$]`, has features similar to
 * those of the target image. Everything else is in the sub-paths `/clip`, `/projection`, `/rtd`, `/triplets`,
 * `/training`, `/benchmarks`, `/evaluation`, `/emoji` and `/report`.
 *
 * @example Fine-tune the embedded CLIP on two triplets
 * ```ts
 * import { changeRecipe, embeddedRecipe, loadEmbeddedModel, trainRtd, useDevice } from "@rtd/toolkit";
 *
 * await useDevice("wasm");
 * const { clip, phi } = await loadEmbeddedModel();
 * const triplets = [
 *   { reference: "red apple", conditioning: "is green", target: "green apple" },
 *   { reference: "woman running", conditioning: "is a man", target: "man running" },
 * ];
 * const recipe = changeRecipe(embeddedRecipe, { steps: 2, batch: 2 });
 * const { losses } = await trainRtd({ clip, phi, triplets, recipe });
 * console.log(losses);
 * ```
 *
 * @module
 */

// The device.
export { describeDevice, type Device, useDevice } from "./lib/backend/device.ts";
export type { DeviceChoice } from "./lib/backend/device_choice.ts";
export * as tf from "./lib/tensors/tf.ts";

// CLIP.
export { encodeImages, encodeTexts } from "./lib/clip/encode.ts";
export { type Clip, loadClip } from "./lib/clip/files/model_folder.ts";
export { loadTextEncoder } from "./lib/clip/files/text_folder.ts";
export { readImages } from "./lib/clip/images/image_files.ts";
export { disposeWeights, type Weights } from "./lib/tensors/weights.ts";

// phi, which maps an embedding to a pseudo-token.
export { applyPhi, type Phi } from "./lib/projection/phi.ts";
export { loadPhi } from "./lib/projection/phi_file.ts";
export { composedPrompt } from "./lib/projection/prompts.ts";

// RTD.
export type { FineTuned } from "./lib/rtd/fine_tune_text.ts";
export { rtdLoss } from "./lib/rtd/loss.ts";
export { changeRecipe, embeddedRecipe, paperRecipe, type RtdRecipe } from "./lib/rtd/recipe.ts";
export { saveFineTuned } from "./lib/rtd/save_fine_tuned.ts";
export { trainRtd, type TrainRtdOptions } from "./lib/rtd/train.ts";
export { random } from "./lib/tensors/random.ts";
export { epochSampler } from "./lib/training/epoch_sampler.ts";
export type { Triplet } from "./lib/triplets/triplet.ts";

// Evaluation.
export { pairedBootstrap } from "./lib/evaluation/bootstrap.ts";
export { evaluateBenchmark, type Evaluation } from "./lib/evaluation/evaluate_benchmark.ts";
export { recallAt } from "./lib/evaluation/metrics.ts";
export { rankGallery } from "./lib/evaluation/ranking.ts";

// The embedded benchmark and its models.
export { emojiBenchmark, emojiQueries } from "./lib/emoji/data/benchmark.ts";
export { editSampler } from "./lib/emoji/data/triplets.ts";
export { loadEmbeddedModel } from "./lib/emoji/model/embedded_model.ts";

// Tables and figures for notebooks, terminals and pages.
export { figure } from "./lib/report/figure.ts";
export { table } from "./lib/report/table.ts";

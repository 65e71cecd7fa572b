/**
 * CLIP: loads models from Hugging Face folders, and encodes texts and images.
 *
 * @example Compare a text with two others
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { encodeTexts, loadClip, normaliseRows } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder(), { towers: "text" });
 * const features = normaliseRows(await encodeTexts(clip, ["red heart", "blue heart", "fried egg"]));
 * const similarities = features.matMul(features, false, true); // [3, 3]
 * console.log(await similarities.array());
 * ```
 *
 * @module
 */

// Models on disk.
export {
  type Clip,
  inspectClip,
  loadClip,
  type LoadClipOptions,
  saveClip,
  type SaveClipOptions,
  type Towers,
} from "./files/model_folder.ts";
export { changePreprocessing } from "./files/change_preprocessing.ts";
export {
  inspectTextEncoder,
  loadTextEncoder,
  saveTextEncoder,
  type SaveTextEncoderOptions,
  type TextEncoderWeights,
} from "./files/text_folder.ts";
export { cachedSnapshot } from "../hub/cache.ts";
export { fetchModel, type FetchNews, type FetchOptions } from "../hub/fetch_model.ts";
export type { ClipConfig, TextConfig, TowerConfig, VisionConfig } from "./model/config.ts";
export type { Path } from "../io/path.ts";

// Texts.
export { encodeTexts, type EncodeTextsOptions } from "./encode.ts";
export { type FrozenTextFeatures, frozenTextFeatures, type FrozenTextOptions } from "./frozen_text_features.ts";
export { placeholder, type TokenBatch, type Tokenizer } from "./model/tokenizer.ts";

// Images.
export { encodeImages, type EncodeImagesOptions } from "./encode.ts";
export { type EncodedImageFiles, encodeImageFiles, type EncodeImageFilesOptions } from "./images/image_features.ts";
export {
  type ImageFile,
  imageFilesIn,
  type ImageFilesInOptions,
  type ImageSource,
  readImages,
} from "./images/image_files.ts";
export { decodeImage, type Transparency } from "./images/decode_image.ts";
export type { Preprocessing } from "./images/preprocess.ts";
export { clipInHalf, modelInHalf } from "./files/half_precision.ts";
export { repairText } from "./model/repair_text.ts";
export type { Outline, RunLengths } from "./images/outline.ts";
export type { Box } from "./images/region.ts";
export type { RgbImage } from "./images/resize.ts";

// One batch, for training.
export {
  batchEncoder,
  type BatchEncoderOptions,
  type EncodeBatch,
  type EncodeBatchOptions,
  type EncoderChoice,
  encoderChoices,
} from "./batch_encoder.ts";
export { encodeTokens } from "./model/text_encoder.ts";
export { type TextAttention, textAttention } from "./model/text_attention.ts";
export type { OnAttention } from "./model/transformer.ts";
export { encodePixels } from "./model/image_encoder.ts";
export { clipLoss, normaliseRows } from "../tensors/contrastive_losses.ts";
export { disposeWeights, type Weights } from "../tensors/weights.ts";

export type { Scalar, Tensor, Tensor2D, Tensor3D, Tensor4D } from "../tensors/tf.ts";
export type { OnProgress } from "../io/on_progress.ts";

/**
 * The embedded benchmark of emoji, two small CLIPs with a phi of every method, evaluation on it, and its reports.
 *
 * @example Find an emoji by its caption
 * ```ts
 * import { emojiCatalogue } from "@rtd/toolkit/emoji";
 *
 * const emoji = await emojiCatalogue();
 * console.log(emoji.find(({ caption }) => caption === "woman running dark skin tone")?.values);
 * ```
 *
 * @module
 */
export {
  defaultSplitSeed,
  type EmojiBenchmark,
  emojiBenchmark,
  type EmojiBenchmarkOptions,
  emojiQueries,
  type EmojiQuery,
  macroKinds,
} from "./data/benchmark.ts";
export { type EmojiFiles, type EmojiFilesOptions, writeEmojiFiles } from "./data/benchmark_files.ts";
export { type Emoji, emojiCatalogue } from "./data/catalogue.ts";
export { type Edit, type EditKind, editKinds } from "./data/edits.ts";
export type { Split } from "./data/families.ts";
export type { BenchmarkStyle, IconSet, ImageStyle } from "../embedded/icons.ts";
export type { ImageSet } from "./data/images.ts";
export type { Attribute, ParsedLabel } from "./data/labels.ts";
export { emojiCaptions, emojiPhrases } from "./data/phi_data.ts";
export { editSampler } from "./data/triplets.ts";
export { type Change, type Wording, wordings } from "./data/wording.ts";
export {
  type EmojiNaiveOptions,
  fineTuneEmojiNaively,
  naiveAnchors,
  naiveData,
} from "./evaluation/naive_fine_tuning.ts";
export { type LabelRetrieval, labelRetrieval, type LabelRetrievalOptions } from "./evaluation/label_retrieval.ts";
export {
  emojiImageCaptions,
  type EmojiPart,
  emojiPart,
  encodeEmojiImages,
  mainSetting,
  type QuerySetting,
  tokenRows,
} from "./evaluation/part.ts";
export {
  type EmojiRow,
  emojiRow,
  type EmojiSetup,
  frozenRows,
  macroInterval,
  type SideSetting,
} from "./evaluation/rows.ts";
export { type EmojiScores, evaluateEmoji, type EvaluateEmojiOptions, type KindScores } from "./evaluation/scores.ts";
export {
  type EmbeddedModel,
  embeddedModelFolder,
  type EmbeddedModelOptions,
  type EmbeddedSize,
  embeddedSizes,
  invertedFile,
  loadEmbeddedModel,
  phiFile,
} from "./model/embedded_model.ts";
export { emojiTable } from "./report/emoji_table.ts";
export { imageStrip, type StripImage } from "./report/image_strip.ts";
export { type GridRow, type QueryGrid, queryGrid, type RankedImages, winsAndLosses } from "./report/query_grid.ts";

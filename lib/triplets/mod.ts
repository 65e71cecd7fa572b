/**
 * Text triplets, the training data of RTD.
 *
 * @module
 */
export { loadTriplets } from "./load_triplets.ts";
export { type CaptionList, captionList } from "./make/caption_list.ts";
export { type DifferenceOptions, differenceTriplets } from "./make/difference.ts";
export {
  estimateInContext,
  type InContextOptions,
  type InContextRequests,
  type InContextResult,
  inContextTriplets,
} from "./make/in_context.ts";
export { inContextExamples } from "./make/in_context_examples.ts";
export type { Dropped, MadeTriplet, Provenance } from "./make/made_triplet.ts";
export { type RuleOptions, ruleTriplets } from "./make/rule.ts";
export { type CaptionPlace, readSourceCaptions, type SourceCaption } from "./make/source_captions.ts";
export { adjectiveTemplates, nounTemplates, phraseTemplates } from "./make/templates.ts";
export { writeTriplets } from "./make/write_triplets.ts";
export type { ChangeNamed } from "./quality/change_named.ts";
export {
  type CutTexts,
  inspectTriplets,
  type InspectTripletsOptions,
  type Repetition,
  type TripletQuality,
} from "./quality/inspect.ts";
export type { LengthPercentiles } from "./quality/lengths.ts";
export type { Opening } from "./quality/openings.ts";
export { pieceCounter, type TokenCounter } from "./quality/token_count.ts";
export { type WordRecall, type WordRetrieval, wordRetrieval } from "./quality/word_retrieval.ts";
export {
  type ReadingReport,
  readTriplets,
  type ReadTripletsOptions,
  type TripletBatch,
  type TripletReader,
} from "./read/read_triplets.ts";
export type { RowCount } from "./read/row_counts.ts";
export type { RowReport } from "./read/triplet_rows.ts";
export { loadTagger, type TaggedWord, type TagWords } from "./tagger.ts";
export { checkTriplets, type CleaningRule, cleaningRules, cleanText, type Triplet } from "./triplet.ts";
export { type TripletList, type TripletListBuilder, tripletListBuilder } from "./triplet_list.ts";
export {
  type TripletSampler,
  tripletSampler,
  type TripletSamplerOptions,
  type TripletSamplerState,
} from "./triplet_sampler.ts";

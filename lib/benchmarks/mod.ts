/**
 * Readers of CIRR, CIRCO, FashionIQ, GeneCIS, COCO object composition and i-CIR, from the layouts that their authors
 * prescribe.
 *
 * @module
 */
export {
  type BenchmarkImage,
  type BenchmarkName,
  benchmarkNames,
  type BenchmarkPart,
  checkPart,
  type ComposedQuery,
  type Counts,
} from "./benchmark.ts";
export { checkImages, type CheckImagesOptions, type ImageCheck } from "./image_check.ts";
export { benchmarkSplits, openBenchmark, type OpenBenchmarkOptions } from "./open_benchmark.ts";
export { type Wording, wordings } from "./wording.ts";

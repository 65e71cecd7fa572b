/**
 * CIRR, CIRCO, FashionIQ, GeneCIS and COCO object composition as typed rows, read from the layouts that their authors
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
export { benchmarkSplits, openBenchmark } from "./open_benchmark.ts";
export type { ImageFile } from "../clip/images/image_files.ts";
export type { Box } from "../clip/images/preprocess.ts";
export type { OnProgress } from "../io/on_progress.ts";
export type { Path } from "../io/path.ts";

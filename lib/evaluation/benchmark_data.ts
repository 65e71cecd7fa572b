/** Opens a benchmark for evaluation: reads its parts and checks which images or captions exist. */
import type { BenchmarkName, BenchmarkPart, Counts } from "../benchmarks/benchmark.ts";
import { checkImages, type ImageCheck } from "../benchmarks/image_check.ts";
import { openBenchmark, splitsOf } from "../benchmarks/open_benchmark.ts";
import { type Wording, wordingStamp } from "../benchmarks/wording.ts";
import type { ImageFile } from "../clip/images/image_files.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { jsonHash } from "../io/hash.ts";
import { filePath, type Path } from "../io/path.ts";
import type { ImageCaptions } from "./caption_features.ts";
import { countMissing, type Missing, missingFault, missingStamp } from "./missing_images.ts";

/** Options of {@linkcode openBenchmarkData}. */
export interface BenchmarkDataOptions {
  /** Name of the benchmark. */
  benchmark: BenchmarkName;
  /** The folder that holds its files, in the layout that its authors prescribe. */
  root: Path;
  /** The split; "val" by default, "all" tasks for GeneCIS, and "test", its only one, for i-CIR. */
  split?: string;
  /** Whether counts must be the published ones (default), or are taken "as-found", for a subset of a benchmark. */
  counts?: Counts;
  /**
   * Whether to go on if images are missing (default false); their queries count as missed, and every figure says so.
   */
  allowMissing?: boolean;
  /** Number of queries of each part to evaluate, from the first on, which every figure states; by default all. */
  limit?: number;
  /** How queries are worded, which every figure states unless it is the paper's wording, the default. */
  wording?: Wording;
  /** Captions that replace the images (captions mode), which every result states; by default images are used. */
  captions?: ImageCaptions;
  /** Called while image files are looked up, with the number done and their total. */
  onProgress?: OnProgress;
}

/** A benchmark that is ready for evaluation. */
export interface BenchmarkData {
  /** Name of the benchmark. */
  benchmark: BenchmarkName;
  /** The split. */
  split: string;
  /** The folder that holds its files. */
  root: string;
  /** The parts, each with at most `limit` queries. */
  parts: BenchmarkPart[];
  /** The images that exist; in captions mode the ids that have captions, with empty paths. */
  files: ImageFile[];
  /** SHA-256 of the annotations as they were read, limit included: queries, targets and galleries. */
  annotations: string;
  /** How queries are worded. */
  wording: Wording;
  /** The captions that replace the images; absent outside of captions mode. */
  captions?: ImageCaptions;
  /** Counts of missing images or captions. */
  missing: Missing;
  /** Sentences that qualify every figure: missing images, captions mode, a limit, counts as found. */
  stamps: string[];
  /** Short marks of the same for the names of figures: "INCOMPLETE", "CAPTIONS", "LIMITED". */
  marks: string[];
  /** Whether counts were compared with the published ones. */
  counts: Counts;
  /** Largest number of queries of each part; absent: no limit. */
  limit?: number;
}

/**
 * Returns the split that is evaluated by default: "all" tasks of GeneCIS, else the first: the validation split, or the
 * only one.
 * @throws {Error} if there is no benchmark of this name
 */
export function defaultSplit(benchmark: BenchmarkName): string {
  const splits = splitsOf(benchmark);
  return splits.includes("all") ? "all" : splits[0];
}

/**
 * Opens a benchmark and looks up its images; nothing is decoded or computed.
 *
 * @throws {Error} if there is no such benchmark or split, annotations are missing or contradict themselves, or images
 *   are missing and `allowMissing` is not set
 */
export async function openBenchmarkData(
  {
    benchmark,
    root,
    split = defaultSplit(benchmark),
    counts = "published",
    allowMissing = false,
    limit,
    wording = "paper",
    captions,
    onProgress,
  }: BenchmarkDataOptions,
): Promise<BenchmarkData> {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new Error(`Opening ${benchmark} failed: limit is ${limit}, expected a whole number from 1.`);
  }
  const folder = filePath(root).replace(/\/+$/, ""), what = captions ? "captions" : "images";
  const whole = await openBenchmark({ benchmark, root: folder, split, counts, wording });
  const check = captions ? checkCaptions(whole, captions) : await checkImages(folder, whole, { onProgress });
  const fault = missingFault(check, `${benchmark} ${split}`, what);
  if (fault && !allowMissing) throw new Error(`Evaluating ${benchmark} ${split} failed: ${fault}`);
  const present = new Set(check.found.map(({ id }) => id));
  const missing = countMissing(whole, (id) => present.has(id)), stamp = missingStamp(missing, what);
  const worded = wordingStamp(wording);
  const stamps: [string, string][] = [
    ...(stamp ? [["INCOMPLETE", stamp] as [string, string]] : []),
    ...(captions
      ? [[
        "CAPTIONS",
        "CAPTIONS IN THE PLACE OF IMAGES: gallery and references are texts; not the benchmark's figure.",
      ] as [string, string]]
      : []),
    ...(limit === undefined
      ? []
      : [["LIMITED", `LIMITED to the first ${limit} queries of each part.`] as [string, string]]),
    ...(worded ? [worded] : []),
  ];
  const parts = whole.map((part) => ({ ...part, queries: part.queries.slice(0, limit) }));
  const rows = parts.map(({ part, gallery, galleries, queries, images }) => ({
    ...{ part, gallery, queries, images: [...images] },
    ...(galleries && { galleries: [...galleries] }),
  }));
  return {
    benchmark,
    split,
    root: folder,
    parts,
    annotations: await jsonHash(rows),
    files: check.found,
    wording,
    captions,
    missing,
    stamps: [
      ...stamps.map(([, sentence]) => sentence),
      ...(counts === "as-found" ? ["Counts as found, not compared with the published ones."] : []),
    ],
    marks: stamps.map(([mark]) => mark),
    counts,
    limit,
  };
}

function checkCaptions(parts: readonly BenchmarkPart[], captions: ImageCaptions): ImageCheck {
  const check: ImageCheck = { found: [], missing: [], unreadable: [] };
  for (const id of new Set(parts.flatMap(({ images }) => [...images.keys()]))) {
    if (captions.has(id)) check.found.push({ id, path: "" });
    else check.missing.push(id);
  }
  return check;
}

/** A benchmark opened for evaluation: its parts, and the images or captions that are there. */
import type { BenchmarkName, BenchmarkPart, Counts } from "../benchmarks/benchmark.ts";
import { checkImages, type ImageCheck } from "../benchmarks/image_check.ts";
import { benchmarkSplits, openBenchmark } from "../benchmarks/open_benchmark.ts";
import type { ImageFile } from "../clip/images/image_files.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { filePath, type Path } from "../io/path.ts";
import type { ImageCaptions } from "./caption_features.ts";
import { countMissing, type Missing, missingFault, missingStamp } from "./missing_images.ts";

/** Which benchmark to open, and how strictly. */
export interface BenchmarkDataOptions {
  /** Name of the benchmark. */
  benchmark: BenchmarkName;
  /** The folder that holds its files, in the layout that its authors prescribe. */
  root: Path;
  /** The split; "val" by default, and "all" tasks for GeneCIS. */
  split?: string;
  /** Whether counts must be the published ones, by default, or are taken "as-found" for a part of a benchmark. */
  counts?: Counts;
  /** Goes on without missing images, which are counted as missed and stamped on every figure. */
  allowMissing?: boolean;
  /** Keeps only the first so many queries of each part; the figures say so. */
  limit?: number;
  /** Captions in the place of images: a mode of its own, which every result names. */
  captions?: ImageCaptions;
  /** Called while image files are looked up. */
  onProgress?: OnProgress;
}

/** A benchmark that is ready to be evaluated. */
export interface BenchmarkData {
  /** Name of the benchmark. */
  benchmark: BenchmarkName;
  /** The split. */
  split: string;
  /** The folder that holds its files. */
  root: string;
  /** The parts, their queries cut to the limit. */
  parts: BenchmarkPart[];
  /** The images that are there; in captions mode their ids with empty paths. */
  files: ImageFile[];
  /** Captions in the place of images, in that mode. */
  captions?: ImageCaptions;
  /** What is missing. */
  missing: Missing;
  /** Sentences that qualify every figure: what is missing, captions mode, counts as found, a limit. */
  stamps: string[];
  /** Short marks of the same for the names of figures, such as "INCOMPLETE". */
  marks: string[];
  /** How counts were compared. */
  counts: Counts;
  /** The limit on queries, if there is one. */
  limit?: number;
}

/** Returns the split that is evaluated by default. */
export function defaultSplit(benchmark: BenchmarkName): string {
  return benchmarkSplits[benchmark].includes("all") ? "all" : benchmarkSplits[benchmark][0];
}

/**
 * Opens a benchmark and looks up its images.
 * @throws {Error} if annotations are missing or contradict themselves, or images are missing and `allowMissing` is not set
 */
export async function openBenchmarkData(
  {
    benchmark,
    root,
    split = defaultSplit(benchmark),
    counts = "published",
    allowMissing = false,
    limit,
    captions,
    onProgress,
  }: BenchmarkDataOptions,
): Promise<BenchmarkData> {
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) {
    throw new Error(`Opening ${benchmark} failed: limit is ${limit}, expected a whole number from 1.`);
  }
  const folder = filePath(root).replace(/\/+$/, ""), what = captions ? "captions" : "images";
  const whole = await openBenchmark(benchmark, folder, split, counts);
  const check = captions ? checkCaptions(whole, captions) : await checkImages(folder, whole, { onProgress });
  const fault = missingFault(check, `${benchmark} ${split}`, what);
  if (fault && !allowMissing) throw new Error(`Evaluating ${benchmark} ${split} failed: ${fault}`);
  const present = new Set(check.found.map(({ id }) => id));
  const missing = countMissing(whole, (id) => present.has(id)), stamp = missingStamp(missing, what);
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
  ];
  return {
    benchmark,
    split,
    root: folder,
    parts: whole.map((part) => ({ ...part, queries: part.queries.slice(0, limit) })),
    files: check.found,
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

/** A benchmark that a testbed file names: opened, checked and described, before a CLIP is loaded. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { type BenchmarkData, defaultSplit, openBenchmarkData } from "../evaluation/benchmark_data.ts";
import { type ImageCaptions, readImageCaptions } from "../evaluation/caption_features.ts";
import { protocolRecord } from "../evaluation/protocol_record.ts";
import { scoreOf } from "../evaluation/ranking_results.ts";
import { metricNames } from "../evaluation/validator.ts";
import type { ImageFile } from "../clip/images/image_files.ts";
import { jsonHash } from "../io/hash.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { shown } from "../io/shown.ts";
import { mainMetrics } from "../report/evaluation_table.ts";
import type { TestbedBenchmark } from "./testbed.ts";
import { type BenchmarkEntry, benchmarkName } from "./testbed_file.ts";

/** An opened benchmark. */
export interface ClipBenchmark extends TestbedBenchmark {
  /** Its data. */
  data: BenchmarkData;
  /** Captions of the images that queries are made with, in the place of the images or beside them. */
  captions?: ImageCaptions;
}

/**
 * Opens a benchmark; images are looked up, not decoded.
 *
 * @throws {Error} as `openBenchmarkData`, or if its targets are not public, the headline is no metric of it, or a query's
 *   image has no caption
 */
export async function openClipBenchmark(
  entry: BenchmarkEntry,
  { onProgress }: { onProgress?: OnProgress } = {},
): Promise<ClipBenchmark> {
  const { benchmark, folder: root, captionsForImages = false, counts, limit, allowMissing, wording } = entry;
  const split = entry.split ?? defaultSplit(benchmark), name = benchmarkName(entry);
  const captions = entry.captions === undefined ? undefined : await readImageCaptions(entry.captions);
  if (captionsForImages && !captions) {
    throw new Error(`Opening ${name} failed: captionsForImages needs "captions", the file of them.`);
  }
  const data = await openBenchmarkData({
    ...{ benchmark, root, split, counts, limit, allowMissing, wording, onProgress },
    ...(captionsForImages && { captions }),
  });
  const { parts, files, annotations } = data, metrics = metricNames(parts);
  const headline = entry.headline ?? mainMetrics[benchmark];
  if (!metrics.includes(headline)) {
    throw new Error(`Opening ${name} failed: "${headline}" is no metric of it; there are ${metrics.join(", ")}.`);
  }
  scoreOf(headline); // Throws for a metric that gives no score to a single query.
  if (captions && !captionsForImages) requireCaptions(name, parts, captions);
  const queries = parts.reduce((sum, part) => sum + part.queries.length, 0);
  const images = captionsForImages ? "captions" : await imagesHash(files, data.root);
  const used = captions && files.map(({ id }) => [id, captions.get(id)]);
  return {
    name,
    split,
    headline,
    family: benchmark,
    protocol: `${queries} queries${parts.length > 1 ? ` in ${parts.length} parts, of which means are taken` : ""}, ` +
      `ranked as ${benchmark}'s protocol says; ${headline}`,
    gallery: parts.reduce((sum, { gallery }) => sum + gallery.length, 0),
    queries: parts.flatMap(({ part, queries }) =>
      queries.map(({ reference, gallery }) => ({ stratum: part, cluster: `${part}/${gallery ?? reference}` }))
    ),
    hash: await jsonHash([benchmark, split, annotations, headline, data.wording, images, used ?? null]),
    stamps: data.stamps,
    record: await protocolRecord(data),
    data,
    ...(captions && { captions }),
  };
}

/** Captions beside images make queries, so that those of references and targets must be there. */
function requireCaptions(name: string, parts: readonly BenchmarkPart[], captions: ImageCaptions): void {
  const needed = new Set(
    parts.flatMap(({ queries }) => queries.flatMap(({ reference, targets }) => [reference, targets[0]])),
  );
  const lacking = [...needed].filter((id) => !captions.has(id));
  if (lacking.length === 0) return;
  throw new Error(
    `Opening ${name} failed: ${lacking.length} of ${needed.size} references and targets have no caption, the first is ` +
      `${shown(lacking[0])}; give captions of all, or leave "captions" out.`,
  );
}

/** Hash of names, sizes and regions of image files: what of them is the same on every machine. */
async function imagesHash(files: readonly ImageFile[], root: string): Promise<string> {
  const rows = [];
  for (const { path, ...region } of files) rows.push([path.slice(root.length), (await Deno.stat(path)).size, region]);
  return await jsonHash(rows);
}

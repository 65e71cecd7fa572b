/** What decides whether figures of two results on a benchmark may be compared, as results record it. */
import { jsonHash } from "../io/hash.ts";
import type { BenchmarkData } from "./benchmark_data.ts";

/** Returns what of a benchmark's data makes its figures comparable, for a JSON file. */
export async function protocolRecord(data: BenchmarkData): Promise<Record<string, unknown>> {
  const counts = data.parts.map(({ part, queries, gallery, galleries }) => [
    part,
    { queries: queries.length, gallery: gallery.length, ...(galleries && { galleries: galleries.size }) },
  ]);
  return {
    benchmark: data.benchmark,
    split: data.split,
    mode: data.captions ? "captions in the place of images" : "images",
    counts: { checked: data.counts, ...Object.fromEntries(counts) },
    limit: data.limit,
    wording: data.wording,
    missing: data.stamps.some((stamp) => stamp.startsWith("INCOMPLETE")) ? data.missing : undefined,
    annotations: data.annotations,
    captions: data.captions && await jsonHash([...data.captions]),
  };
}

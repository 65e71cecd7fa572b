/** Our figures on made features over real annotations, beside those of another program (make_benchmark_goldens.py). */
import * as tf from "../../lib/tensors/tf.ts";
import type { BenchmarkPart, ComposedQuery } from "../../lib/benchmarks/benchmark.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { meanMetrics, type Metrics, partMetrics } from "../../lib/evaluation/metrics.ts";
import { type RankingResult, rankPart } from "../../lib/evaluation/rank_part.ts";
import { readGolden } from "../golden.ts";

/** The shared annotations. */
export const shared = new URL("../../../shared/data/", import.meta.url).pathname;

const golden = readGolden<{ width: number; strength: number; circo_strength: number }>("benchmark_metrics.json");
const { width } = golden;

/** `width` numbers in [-1, 1): FNV-1a of the name, then xorshift32. */
function feature(name: string): Float64Array {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  state = state || 1;
  const values = new Float64Array(width);
  for (let i = 0; i < width + 8; i++) {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    if (i >= 8) values[i - 8] = state / 2 ** 31 - 1;
  }
  return values;
}

const rowsOf = (rows: Float64Array[]) =>
  tf.tensor2d(Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, width]);

/** Ranks a part with made features. @param kind stands before a query's id */
export async function rankMade(part: BenchmarkPart, kind: string): Promise<RankingResult[]> {
  const ids = [...part.images.keys()];
  const values = new Float32Array(ids.length * width);
  ids.forEach((id, i) => values.set(feature(id), i * width));
  const rows = tf.tensor2d(values, [ids.length, width]);
  const strength = part.benchmark === "circo" ? golden.circo_strength : golden.strength;
  const made = ({ id, targets }: ComposedQuery) => {
    const sum = feature(`${kind}:${id}`);
    for (const target of targets) feature(target).forEach((value, d) => sum[d] += strength * value);
    return sum;
  };
  const queries = rowsOf(part.queries.map(made));
  const place = new Map(ids.map((id, i) => [id, i]));
  const answers = await rankPart(part, [...part.queries.keys()], queries, { rows, place });
  tf.dispose([rows, queries]);
  return answers;
}

/** Makes folders in the benchmarks' layouts around the shared annotations. */
export async function layouts(folder: string): Promise<Record<"cirr" | "circo" | "fashioniq" | "genecis", string>> {
  await Deno.mkdir(`${folder}/cirr`);
  await Deno.symlink(`${shared}cirr-MIT`, `${folder}/cirr/cirr`);
  await Deno.mkdir(`${folder}/circo/COCO2017_unlabeled/annotations`, { recursive: true });
  await Deno.symlink(`${shared}circo-CC-BY-NC/annotations`, `${folder}/circo/annotations`);
  // The list of unlabelled images is not there: every image that the annotations name, filled up with made ids.
  const read = async (split: string) =>
    JSON.parse(await Deno.readTextFile(`${folder}/circo/annotations/${split}.json`));
  const val: { reference_img_id: number; gt_img_ids: number[] }[] = await read("val");
  const test: { reference_img_id: number }[] = await read("test");
  const named = [...val, ...test].map(({ reference_img_id }) => reference_img_id);
  const ids = [...new Set([...named, ...val.flatMap(({ gt_img_ids }) => gt_img_ids)])].sort((a, b) => a - b);
  for (let filler = 1_000_000; ids.length < 123_403; filler++) ids.push(filler);
  const images = ids.map((id) => ({ id, file_name: `${String(id).padStart(12, "0")}.jpg` }));
  await Deno.writeTextFile(
    `${folder}/circo/COCO2017_unlabeled/annotations/image_info_unlabeled2017.json`,
    JSON.stringify({ images }),
  );
  return {
    cirr: `${folder}/cirr`,
    circo: `${folder}/circo`,
    fashioniq: `${shared}fashioniq-CDLA`,
    genecis: `${shared}genecis-CC-BY-NC`,
  };
}

/** All figures, named as in the golden file. */
export async function agreementMetrics(folder: string): Promise<Record<string, Metrics>> {
  const roots = await layouts(folder);
  const figures: Record<string, Metrics> = {};
  for (const name of ["cirr", "circo", "fashioniq"] as const) {
    const parts = await openBenchmark(name, roots[name], "val");
    const all: Metrics[] = [];
    for (const part of parts) all.push(partMetrics(part, await rankMade(part, part.part)));
    figures[name] = parts.length === 1 ? all[0] : Object.fromEntries(
      [...parts.map(({ part }) => part), "mean"].flatMap((part, i) =>
        Object.entries(all[i] ?? meanMetrics(all)).map(([metric, value]) => [`${part}, ${metric}`, value])
      ),
    );
  }
  figures.genecis = {};
  for (const task of ["focus_object", "change_object"]) {
    const [part] = await openBenchmark("genecis", roots.genecis, task);
    for (const [metric, value] of Object.entries(partMetrics(part, await rankMade(part, task)))) {
      figures.genecis[`${task}, ${metric}`] = value;
    }
  }
  return figures;
}

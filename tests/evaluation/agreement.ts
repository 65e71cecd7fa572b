/**
 * Our figures on made features over real annotations, and over made lists of i-CIR, beside those of another program
 * (make_benchmark_goldens.py, make_icir_goldens.py).
 */
import * as tf from "../../lib/tensors/tf.ts";
import type { BenchmarkPart, ComposedQuery } from "../../lib/benchmarks/benchmark.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { meanMetrics, type Metrics, partMetrics } from "../../lib/evaluation/metrics.ts";
import { type RankingResult, rankPart } from "../../lib/evaluation/rank_part.ts";
import { filePath } from "../../lib/io/path.ts";
import { readGolden } from "../golden.ts";

/** The shared annotations, where they are at hand. */
export const shared = filePath(new URL("../../../shared/data/", import.meta.url));
/** The parts of them that are in this repository. */
export const slices = filePath(new URL("../goldens/slices/", import.meta.url));
/** Whether the shared annotations are there. */
export const sharedIsThere = await Deno.stat(shared).then(() => true, () => false);

/** Figures by benchmark, and how the features behind them were made. */
interface AgreementGolden {
  width: number;
  strength: number;
  circo_strength: number;
  cirr?: Metrics;
  fashioniq?: Metrics;
  circo?: Metrics;
  genecis?: Metrics;
  icir?: Metrics;
}

/** The benchmarks that the other program knows. */
const benchmarks = ["cirr", "circo", "fashioniq", "genecis", "icir"] as const;

/** Annotations with the other program's figures. */
export interface Annotations {
  /** The folder of annotations. */
  data: string;
  /** Whether they are a part, whose counts are not the published ones. */
  isSlice: boolean;
  /** The other program's file. */
  golden: AgreementGolden;
}

/** The whole annotations; the golden file is there without them. */
export function wholeAnnotations(): Annotations {
  return { data: shared, isSlice: false, golden: readGolden("benchmark_metrics.json") };
}

/** The parts in this repository. */
export function slicedAnnotations(): Annotations {
  return { data: slices, isSlice: true, golden: readGolden("benchmark_metrics_slice.json") };
}

/** Made lists of i-CIR, of which no true one was at hand. */
export function icirAnnotations(): Annotations {
  return {
    data: filePath(new URL("../goldens/", import.meta.url)),
    isSlice: true,
    golden: readGolden("icir_metrics.json"),
  };
}

/** The other program's figures by benchmark. */
export function goldenMetrics({ golden }: Annotations): Record<string, Metrics> {
  return Object.fromEntries(benchmarks.flatMap((name) => golden[name] ? [[name, golden[name]]] : []));
}

/** `width` numbers in [-1, 1): FNV-1a of the name, then xorshift32. */
function feature(name: string, width: number): Float64Array {
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

/** Ranks a part with made features. @param kind stands before a query's id */
export async function rankMade(
  part: BenchmarkPart,
  kind: string,
  { width, strength: usual, circo_strength }: AgreementGolden,
): Promise<RankingResult[]> {
  const ids = [...part.images.keys()];
  const values = new Float32Array(ids.length * width);
  ids.forEach((id, i) => values.set(feature(id, width), i * width));
  const rows = tf.tensor2d(values, [ids.length, width]);
  const strength = part.benchmark === "circo" ? circo_strength : usual;
  const made = ({ id, targets }: ComposedQuery) => {
    const sum = feature(`${kind}:${id}`, width);
    for (const target of targets) feature(target, width).forEach((value, d) => sum[d] += strength * value);
    return sum;
  };
  const queries = tf.tensor2d(Float32Array.from(part.queries.flatMap((query) => [...made(query)])), [
    part.queries.length,
    width,
  ]);
  const features = { rows, index: new Map(ids.map((id, i) => [id, i])) };
  const results = await rankPart({ part, indices: [...part.queries.keys()], queries, features });
  tf.dispose([rows, queries]);
  return results;
}

/** Makes folders in the benchmarks' layouts around annotations. */
export async function layouts(
  folder: string,
  data: string,
): Promise<Record<typeof benchmarks[number], string>> {
  await Deno.mkdir(`${folder}/cirr`);
  await Deno.symlink(`${data}cirr-MIT`, `${folder}/cirr/cirr`);
  return {
    cirr: `${folder}/cirr`,
    circo: data === shared ? await circoLayout(folder, data) : "",
    fashioniq: `${data}fashioniq-CDLA`,
    genecis: `${data}genecis-CC-BY-NC`,
    icir: `${data}icir`,
  };
}

/** CIRCO's list of unlabelled images is not there: every image that the annotations name, filled up with made ids. */
async function circoLayout(folder: string, data: string): Promise<string> {
  await Deno.mkdir(`${folder}/circo/COCO2017_unlabeled/annotations`, { recursive: true });
  await Deno.symlink(`${data}circo-CC-BY-NC/annotations`, `${folder}/circo/annotations`);
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
  return `${folder}/circo`;
}

/** All figures, named as in the golden file. */
export async function agreementMetrics(annotations: Annotations): Promise<Record<string, Metrics>> {
  const { data, isSlice, golden } = annotations;
  const folder = await Deno.makeTempDir(), roots = await layouts(folder, data);
  const counts = isSlice ? "as-found" : "published", figures: Record<string, Metrics> = {};
  for (const name of benchmarks.filter((name) => golden[name] !== undefined)) {
    // GeneCIS: the attribute tasks' files are not at hand.
    const splits = name === "genecis" ? ["focus_object", "change_object"] : [name === "icir" ? "test" : "val"];
    const parts: BenchmarkPart[] = [], all: Metrics[] = [];
    for (const split of splits) {
      parts.push(...await openBenchmark({ benchmark: name, root: roots[name], split, counts }));
    }
    for (const part of parts) all.push(partMetrics(part, await rankMade(part, part.part, golden)));
    if (name === "fashioniq") all.push(meanMetrics(all));
    const nameOf = (i: number) => i < parts.length ? parts[i].part : "mean";
    figures[name] = parts.length === 1 ? all[0] : Object.fromEntries(
      all.flatMap((metrics, i) => Object.entries(metrics).map(([metric, value]) => [`${nameOf(i)}, ${metric}`, value])),
    );
  }
  await Deno.remove(folder, { recursive: true });
  return figures;
}

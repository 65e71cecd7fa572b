/** The result of the demo: as sentences, as a table, as a page, and as a JSON record. */
import { describeDevice, type Device } from "../../backend/device.ts";
import type { PairedInterval } from "../../evaluation/bootstrap.ts";
import { figure } from "../../report/figure.ts";
import { clock } from "../../report/progress.ts";
import type { Table } from "../../report/table.ts";
import type { RtdRecipe } from "../../rtd/recipe.ts";
import { parameterCount } from "../../tensors/weights.ts";
import type { LabelRetrieval } from "../evaluation/label_retrieval.ts";
import { type EmojiRow, type EmojiSetup, macroInterval } from "../evaluation/rows.ts";
import { compactScores } from "../evaluation/scores.ts";
import { demoHeadline, demoPage } from "./demo_page.ts";
import { emojiTable } from "./emoji_table.ts";
import { queryGrid, winsAndLosses } from "./query_grid.ts";

/** What a demo measured. */
export interface DemoResult {
  /** The models, the benchmark and its queries. */
  setup: Pick<EmojiSetup, "clip" | "phi" | "benchmark" | "queries">;
  /** The device that computed. */
  device: Device;
  /** The recipe of the fine-tuning. */
  recipe: RtdRecipe;
  /** The loss of every step. */
  losses: readonly number[];
  /** The frozen model's rows. */
  frozen: readonly EmojiRow[];
  /** "phi + text" with the fine-tuned encoder. */
  fineTuned: EmojiRow;
  /** Plain retrieval over Noto with the frozen and with the fine-tuned text encoder. */
  labels: { before: LabelRetrieval; after: LabelRetrieval };
  /** Seconds of the fine-tuning, and of everything. */
  seconds: { training: number; total: number };
}

const tableNote =
  'R@1 by kind of edit (number of queries); * not in the macro mean: too few families. "In family": R@1 ' +
  "among the target's family. Last columns: macro R@1 with other wordings, with the reference left in the gallery, and " +
  "with Fluent drawings as references for Noto drawings.";
const caution =
  "Edits and wordings are narrow and drawn from the same families of drawings as the training texts: the " +
  "size of the gain says nothing about photographs.";

/** Makes the table of all rows, the oracle last. */
export function demoTable(result: DemoResult): Table {
  return emojiTable(allRows(result));
}

/**
 * Returns the result in sentences: the benchmark, the gain with its interval, its cost, the times, and what it is not.
 */
export function demoFacts(result: DemoResult): string[] {
  const { fineTuned } = result;
  const before = frozenRow(result, "phi + text"),
    { difference, low, high } = macroInterval(before.main, fineTuned.main);
  const gain = `macro R@1 ${before.main.macro["R@1"].toFixed(1)} -> ${fineTuned.main.macro["R@1"].toFixed(1)}, ` +
    `gain ${difference.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}] (95 %, paired bootstrap over families)`;
  return [
    benchmarkFact(result),
    `${trainingFact(result)}: ${gain}.`,
    costFact(result),
    deviceFact(result),
    caution,
  ];
}

/** Makes the page as one HTML text. */
export async function demoReport(result: DemoResult): Promise<string> {
  const { setup: { benchmark }, fineTuned } = result, before = frozenRow(result, "phi + text");
  const losses = rounded(result.losses);
  return await demoPage({
    title: "RTD on the embedded benchmark",
    headline: demoHeadline(before.main, fineTuned.main),
    cost: costFact(result),
    caution,
    facts: [
      benchmarkFact(result),
      `${trainingFact(result)}.`,
      deviceFact(result),
    ],
    table: demoTable(result),
    tableNote,
    figures: [figure({
      kind: "line",
      title: "Training loss",
      xTitle: "step",
      yTitle: "loss",
      series: [{ name: "loss", x: losses.map((_, i) => i + 1), y: losses }],
    })],
    grid: queryGrid(benchmark, winsAndLosses(before.main, fineTuned.main)),
    sources: Object.values(benchmark.icons).map(({ source }) => source),
  });
}

/** Returns the JSON-safe record of a demo. */
export function demoRecord(result: DemoResult): Record<string, unknown> {
  const { setup: { clip, phi, benchmark, queries }, device, recipe, seconds, labels, fineTuned } = result;
  const gain: PairedInterval = macroInterval(frozenRow(result, "phi + text").main, fineTuned.main);
  const images = Object.values(benchmark.images);
  return {
    task: "demo",
    device,
    deno: Deno.version.deno,
    model: {
      clip: { weights: clip.hash, identity: clip.identity, parameters: parameterCount(clip.weights) },
      phi: phi.hash,
      method: phi.method,
    },
    benchmark: {
      splitSeed: benchmark.splitSeed,
      images: images.map(({ style, source, codes, failed }) => ({ style, source, count: codes.length, failed })),
      queries: queries.length,
    },
    recipe,
    seconds,
    gain,
    labelRetrieval: labels,
    rows: allRows(result).map(({ name, main, side }) => ({
      name,
      main: compactScores(main),
      side: Object.fromEntries(Object.entries(side).map(([key, scores]) => [key, compactScores(scores)])),
    })),
    losses: rounded(result.losses),
  };
}

function frozenRow({ frozen }: DemoResult, name: string): EmojiRow {
  return frozen.find((row) => row.name === name)!;
}

/** All rows, the oracle, which knows the target, last. */
function allRows(result: DemoResult): EmojiRow[] {
  const oracle = frozenRow(result, "oracle");
  return [...result.frozen.filter((row) => row !== oracle), result.fineTuned, oracle];
}

function benchmarkFact({ setup: { benchmark, queries } }: DemoResult): string {
  return `Composed retrieval over ${benchmark.images.noto.codes.length} emoji drawings: ${queries.length} queries of ` +
    `test families, whose edits were never trained on (split seed ${benchmark.splitSeed}).`;
}

function trainingFact({ setup: { clip, phi }, recipe, losses }: DemoResult): string {
  return `RTD with ${phi.method}'s phi: ${losses.length} steps of ${recipe.batch} triplets, seed ${recipe.seed}, on a ` +
    `CLIP of ${(parameterCount(clip.weights) / 1e6).toFixed(1)} M parameters`;
}

function costFact({ labels }: DemoResult): string {
  const [before, after] = [labels.before, labels.after].map(({ labelToImage }) => labelToImage["R@1"].toFixed(1));
  return `What it costs: label to image R@1 over all Noto drawings ${before} -> ${after}.`;
}

function deviceFact({ device, seconds }: DemoResult): string {
  return `${describeDevice(device)}. Training ${clock(seconds.training)}, everything ${clock(seconds.total)}.`;
}

function rounded(losses: readonly number[]): number[] {
  return losses.map((loss) => Number(loss.toFixed(5)));
}

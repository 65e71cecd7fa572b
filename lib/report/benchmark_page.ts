/**
 * The page of an evaluation: its result with what qualifies it, all figures, and some queries with their best images.
 */
import type { Preprocessing } from "../clip/images/preprocess.ts";
import { pairedBootstrap } from "../evaluation/bootstrap.ts";
import type { Evaluation } from "../evaluation/evaluate_benchmark.ts";
import type { RankingResult } from "../evaluation/rank_part.ts";
import { compareResults, scoreOf } from "../evaluation/ranking_results.ts";
import { evenly } from "../io/evenly.ts";
import { random } from "../tensors/random.ts";
import { benchmarkCards } from "./benchmark_cards.ts";
import { escapeHtml } from "./display.ts";
import { evaluationTable, mainMetrics, resultRows } from "./evaluation_table.ts";
import { type Headline, headlineHtml } from "./headline.ts";
import { page, scrollingTable } from "./page.ts";

/** Choices of {@linkcode benchmarkPage}. */
export interface BenchmarkPageOptions {
  /** The device that computed the figures, as `describeDevice` says it. */
  device: string;
  /** How many queries to show. */
  show: number;
  /** How images became what the model reads (default: not said). */
  preprocessing?: Preprocessing;
  /** Whether the weights were rounded to half precision (default: they were not). */
  half?: boolean;
}

/** Makes the page as one HTML text. @throws {Error} if an image cannot be read */
export async function benchmarkPage(evaluation: Evaluation, options: BenchmarkPageOptions): Promise<string> {
  const { show } = options, { data } = evaluation, { result, frozen } = resultRows(evaluation);
  const secret = Object.keys(result.parts).length === 0;
  const stamps = data.stamps.map((stamp) => `<p class="stamp" role="note">${escapeHtml(stamp)}</p>`);
  const figures = secret
    ? [
      "<p>The targets of this split are secret, so there are no figures: its server scores submissions.</p>",
      ...stamps,
    ]
    : [
      headlineHtml(headline(evaluation)),
      ...stamps,
      "<h2>All figures</h2>",
      scrollingTable(evaluationTable(evaluation), "All figures"),
    ];
  const chosen = evenly(result.results.length, show);
  const cards = await benchmarkCards(data, [
    ...(frozen ? [{ name: "before", results: chosen.map((at) => frozen.results[at]) }] : []),
    { name: frozen ? "after" : result.name, results: chosen.map((at) => result.results[at]) },
  ]);
  const queries = chosen.length === 0 ? [] : [
    "<h2>Some queries with their best five</h2>",
    `<p class="note">At even distances over the queries, not chosen by their result${
      frozen ? `: "before" is the frozen text encoder, "after" the fine-tuned one` : ""
    }. ${
      secret
        ? "Which images are correct is not public."
        : "A green frame with a tick marks a correct image; the rank is that of the first correct one."
    }</p>`,
    cards,
  ];
  return page({
    title: `${data.benchmark} ${data.split}: ${result.name}`,
    body: [...figures, ...queries, "<h2>How it was made</h2>", facts(evaluation, options)].join("\n"),
  });
}

/** Chooses the figure that is the result, with its interval and the frozen encoder's beside it. */
function headline(evaluation: Evaluation): Headline {
  const { data } = evaluation, { result, frozen } = resultRows(evaluation);
  const name = mainMetrics[data.benchmark], parts = Object.entries(result.parts);
  const mark = data.marks.length > 0 ? ` (${data.marks.join(", ")})` : "";
  const metric = `${result.mean ? "mean " : ""}${name}${mark}`, decimals = 2;
  const queries = result.results.length;
  const over = `over ${queries} ${queries === 1 ? "query" : "queries"}` +
    `${result.mean ? ` of ${parts.length} parts (${parts.map(([part]) => part).join(", ")})` : ""}`;
  const value = (result.mean ?? parts[0][1].metrics)[name];
  if (!frozen) {
    const interval = result.mean ? meanInterval(result.results, name) : parts[0][1].intervals[name];
    return { metric, value, interval, over: `${over}; query method: ${result.name}`, decimals };
  }
  const { before, interval, won, lost } = compareResults({
    before: frozen.results,
    after: result.results,
    metric: name,
  });
  const versus = `${result.method}, frozen and fine-tuned text encoder; queries better: ${won.length}, ` +
    `worse: ${lost.length}`;
  return { metric, value, before, gain: interval, over: `${over}: ${versus}`, decimals };
}

/** Computes the 95 % interval of a mean over parts, queries drawn within their part. */
function meanInterval(results: readonly RankingResult[], metric: string) {
  const score = scoreOf(metric);
  const scores = results.map((result) => ({
    before: 0,
    after: score(result),
    stratum: result.part,
    cluster: result.query,
  }));
  return pairedBootstrap(scores, 1000, random(1));
}

/** Lists what decided the figures. */
function facts(
  { data, prompt, cutTexts, featuresHash }: Evaluation,
  { device, half, preprocessing }: BenchmarkPageOptions,
): string {
  const { targetPad, centreHalf }: Partial<Preprocessing> = data.captions ? {} : preprocessing ?? {};
  const parts = data.parts.map(({ part, queries, gallery, galleries, ownGalleries }) =>
    `${part}: ${queries.length} queries, ` +
    (ownGalleries ? "each with a gallery of its own" : `${gallery.length} images`) +
    (galleries ? ` in ${galleries.size} galleries, of which each query ranks its own` : "")
  );
  const list: [string, string][] = [
    ["Benchmark", `${data.benchmark}, split ${data.split}, counts ${data.counts}`],
    ["Size", parts.join("; ")],
    ["Prompt", prompt.template],
    ...(prompt.sum === "raw" ? [["Image + text sum", "of features that are not normalised"] as [string, string]] : []),
    ...(data.parts.some(({ queries }) => queries.some(({ texts }) => texts.length > 1))
      ? [["Several texts", prompt.orders] as [string, string]]
      : []),
    ...(cutTexts > 0 ? [["Long texts", `${cutTexts} fill the context; longer ones are cut`] as [string, string]] : []),
    ...(targetPad === undefined ? [] : [["Padding", `to ${targetPad} at most`] as [string, string]]),
    ...(centreHalf === "even" ? [["Centre crop", "half a pixel to the even one"] as [string, string]] : []),
    ...(half ? [["Weights", "rounded to half precision"] as [string, string]] : []),
    ["Features", featuresHash.slice(0, 16)],
    ["Device", device],
  ];
  return `<dl>${list.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join("\n")}</dl>`;
}

/**
 * The page of an evaluation: its result with what qualifies it, all figures, and some queries with their best images.
 */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { pairedBootstrap } from "../evaluation/bootstrap.ts";
import type { BenchmarkData } from "../evaluation/benchmark_data.ts";
import type { Evaluation } from "../evaluation/evaluate_benchmark.ts";
import { bestRank, type RankingResult } from "../evaluation/rank_part.ts";
import { compareResults, scoreOf } from "../evaluation/ranking_results.ts";
import { random } from "../tensors/random.ts";
import { escapeHtml } from "./display.ts";
import { evaluationTable, mainMetrics, resultRows } from "./evaluation_table.ts";
import { type Headline, headlineHtml } from "./headline.ts";
import { page, scrollingTable } from "./page.ts";
import { type CardImage, type CardList, type QueryCard, queryCards } from "./query_cards.ts";
import { thumbnail } from "./thumbnail.ts";

/** Choices of {@linkcode benchmarkPage}. */
export interface BenchmarkPageOptions {
  /** The device that computed the figures, as `describeDevice` says it. */
  device: string;
  /** How many queries to show. */
  show: number;
}

/** Images shown of each ranking. */
const best = 5;

/** Makes the page as one HTML text. @throws {Error} if an image cannot be read */
export async function benchmarkPage(evaluation: Evaluation, { device, show }: BenchmarkPageOptions): Promise<string> {
  const { data } = evaluation, { result, frozen } = resultRows(evaluation);
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
  const cards: QueryCard[] = [], makeImage = imageMaker(data), parts = new Map(data.parts.map((p) => [p.part, p]));
  for (const at of evenly(result.results.length, show)) {
    const rankings = [
      ...(frozen ? [{ name: "before", ranking: frozen.results[at] }] : []),
      { name: frozen ? "after" : result.name, ranking: result.results[at] },
    ];
    cards.push(await queryCard(parts.get(result.results[at].part)!, rankings, makeImage));
  }
  const queries = cards.length === 0 ? [] : [
    "<h2>Some queries with their best five</h2>",
    `<p class="note">At even distances over the queries, not chosen by their result${
      frozen ? `: "before" is the frozen text encoder, "after" the fine-tuned one` : ""
    }. ${
      secret
        ? "Which images are correct is not public."
        : "A green frame with a tick marks a correct image; the rank is that of the first correct one."
    }</p>`,
    queryCards(cards),
  ];
  return page({
    title: `${data.benchmark} ${data.split}: ${result.name}`,
    body: [...figures, ...queries, "<h2>How it was made</h2>", facts(evaluation, device)].join("\n"),
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

/** Returns at most `count` indices at even distances, so that good and bad queries are among them. */
function evenly(length: number, count: number): number[] {
  const every = Math.max(1, Math.floor(length / Math.max(1, count)));
  return Array.from({ length }, (_, i) => i).filter((i) => i % every === 0 && i / every < count);
}

/** Makes the card of one query. */
async function queryCard(
  part: BenchmarkPart,
  rankings: readonly { name: string; ranking: RankingResult }[],
  makeImage: (id: string) => Promise<CardImage>,
): Promise<QueryCard> {
  const { id, reference, texts, targets } = part.queries.find(({ id }) => id === rankings[0].ranking.query)!;
  const correct = new Set(targets), lists: CardList[] = [];
  for (const { name, ranking } of rankings) {
    // Only the query's own gallery was ranked where nothing else was.
    const top = (ranking.top.length > 0 ? ranking.top : ranking.group ?? []).slice(0, best);
    const images: CardImage[] = [];
    for (const id of top) images.push({ ...await makeImage(id), correct: correct.has(id) });
    lists.push({ name, rank: rankText(ranking), images });
  }
  return {
    kind: `${part.part === part.benchmark ? "" : `${part.part}, `}query ${id}`,
    reference: await makeImage(reference),
    texts,
    lists,
  };
}

function rankText(result: RankingResult): string {
  const { ranks, skipped } = result;
  if (skipped !== undefined) return `skipped, ${skipped}`;
  if (ranks.length === 0) return "best five";
  const first = bestRank(result);
  return Number.isFinite(first) ? `rank ${first}` : "correct image missing";
}

/**
 * Returns a function that shows an image by its id: as a thumbnail, or by its caption where captions stand for images.
 */
function imageMaker({ files, captions }: BenchmarkData): (id: string) => Promise<CardImage> {
  const fileOf = new Map(files.map((file) => [file.id, file]));
  return async (id) => {
    if (captions) return { html: escapeHtml(captions.get(id)?.[0] ?? `(no caption of ${id})`), caption: true };
    const file = fileOf.get(id), name = escapeHtml(id);
    if (!file) return { html: `<span class="image missing" title="${name}"><span>missing</span></span>` };
    return {
      html: `<span class="image"><img alt="${name}" title="${name}" src="${await thumbnail(file)}"></span>`,
    };
  };
}

/** Lists what decided the figures. */
function facts({ data, prompt, cutTexts, featuresHash }: Evaluation, device: string): string {
  const parts = data.parts.map(({ part, queries, gallery, ownGalleries }) =>
    `${part}: ${queries.length} queries, ` +
    (ownGalleries ? "each with a gallery of its own" : `${gallery.length} images`)
  );
  const list: [string, string][] = [
    ["Benchmark", `${data.benchmark}, split ${data.split}, counts ${data.counts}`],
    ["Size", parts.join("; ")],
    ["Prompt", prompt.template],
    ...(data.parts.some(({ queries }) => queries.some(({ texts }) => texts.length > 1))
      ? [["Several texts", prompt.orders] as [string, string]]
      : []),
    ...(cutTexts > 0 ? [["Long texts", `${cutTexts} fill the context; longer ones are cut`] as [string, string]] : []),
    ["Features", featuresHash.slice(0, 16)],
    ["Device", device],
  ];
  return `<dl>${list.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join("\n")}</dl>`;
}

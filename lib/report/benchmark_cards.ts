/** Queries of a benchmark with their best images as HTML, under one or two rankings. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { BenchmarkData } from "../evaluation/benchmark_data.ts";
import { bestRank, type RankingResult } from "../evaluation/rank_part.ts";
import { escapeHtml } from "./display.ts";
import { type CardImage, type CardList, type QueryCard, queryCards } from "./query_cards.ts";
import { thumbnail } from "./thumbnail.ts";

/** Images shown of each ranking. */
const best = 5;

/**
 * Makes a card for each query.
 *
 * @param rankings one or two lists of results of the same queries, the frozen encoder's first
 * @throws {Error} if an image cannot be read
 */
export async function benchmarkCards(
  data: BenchmarkData,
  rankings: readonly { name: string; results: readonly RankingResult[] }[],
): Promise<string> {
  const cards: QueryCard[] = [], makeImage = imageMaker(data), parts = new Map(data.parts.map((p) => [p.part, p]));
  for (const [at, { part }] of rankings[0].results.entries()) {
    const ofQuery = rankings.map(({ name, results }) => ({ name, ranking: results[at] }));
    cards.push(await queryCard(parts.get(part)!, ofQuery, makeImage));
  }
  return queryCards(cards);
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

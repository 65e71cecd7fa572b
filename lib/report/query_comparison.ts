/** Queries of a benchmark with their best images before and after a training, for a notebook. */
import type { BenchmarkData } from "../evaluation/benchmark_data.ts";
import { bestRank, type RankingResult } from "../evaluation/rank_part.ts";
import { benchmarkCards } from "./benchmark_cards.ts";
import { jupyterDisplay, type MimeBundle, type Showable } from "./display.ts";

/** Queries under two rankings. */
export interface QueryComparison extends Showable {
  /** Returns one card a query, as HTML with its own style; it wraps on a narrow window. */
  html(): string;
  /** Returns one line a query. */
  text(): string;
}

/**
 * Compares the rankings of some queries by two encoders: reference, text, and the best five images of each, or their
 * captions where captions stand for images.
 *
 * @param rankings results of the same queries, those of the frozen encoder first, such as `rank` of `openValidator` gives
 * @throws {Error} if an image cannot be read
 */
export async function queryComparison(
  data: BenchmarkData,
  [before, after]: readonly [before: readonly RankingResult[], after: readonly RankingResult[]],
): Promise<QueryComparison> {
  const cards = await benchmarkCards(data, [{ name: "before", results: before }, { name: "after", results: after }]);
  const queries = new Map(
    data.parts.flatMap(({ part, queries }) => queries.map((query) => [`${part} ${query.id}`, query] as const)),
  );
  const line = ({ part, query: id }: RankingResult, i: number) => {
    const { reference, texts } = queries.get(`${part} ${id}`)!, rank = (of: RankingResult) => bestRank(of);
    return `${reference} + "${texts.join('", "')}": rank ${rank(before[i])} before, ${rank(after[i])} after`;
  };
  const text = before.map(line).join("\n"), html = `<div class="rtd-queries"><style>${style}</style>\n${cards}\n</div>`;
  const comparison: QueryComparison = {
    html: () => html,
    text: () => text,
    [jupyterDisplay]: (): MimeBundle => ({ "text/html": html, "text/plain": text }),
  };
  return comparison;
}

/**
 * Colours come from the notebook; the frame of a correct image is seen on light and dark. Notebooks number lists by rules
 * that would win.
 */
const style = `
.rtd-queries ol { margin: 0 !important; padding: 0 !important }
.rtd-queries ol, .rtd-queries li { list-style: none !important; margin: 0; padding: 0 }
.rtd-queries .card { border: 1px solid #8888; border-radius: .5rem; padding: .6rem; margin: 0 0 .6rem; display: flex;
  flex-wrap: wrap; gap: .6rem 1.5rem }
.rtd-queries p { margin: 0 }
.rtd-queries .query { flex: 1 1 14rem; display: flex; gap: .6rem; align-items: flex-start; min-width: 0 }
.rtd-queries .query > .image { flex: 0 0 4.5rem }
.rtd-queries .kind { opacity: .75; font-size: .85em }
.rtd-queries .text { font-weight: 600 }
.rtd-queries .lists { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem }
.rtd-queries .best { display: grid; grid-template-columns: repeat(5, minmax(2.5rem, 3.75rem)); gap: .3rem }
.rtd-queries .best.captions { display: block; max-width: 32rem }
.rtd-queries .best > li { position: relative; border: 3px solid transparent; border-radius: 4px; min-width: 0 }
.rtd-queries .best > li.correct { border-color: #009e73 }
.rtd-queries .best.captions > li { padding: 0 1.5rem 0 .3rem }
.rtd-queries .mark { position: absolute; top: 0; right: 0; width: 1.1rem; background: #00664a; color: #fff;
  font-size: .8rem; line-height: 1.1rem; text-align: center }
.rtd-queries .image { display: block; aspect-ratio: 1; background: #fff }
.rtd-queries .image > * { display: block; width: 100%; height: 100%; object-fit: contain }
`;

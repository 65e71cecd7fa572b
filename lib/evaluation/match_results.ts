/** Compares ranking results with the queries that they are said to belong to. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { shown } from "../io/shown.ts";
import type { RankingResult } from "./rank_part.ts";

/**
 * Returns how results differ from one for each query of the parts, in their order; undefined if they do not. Figures of
 * the results of other queries, or of some of the queries alone, would be wrong without a sign of it.
 */
export function matchFault(parts: readonly BenchmarkPart[], results: readonly RankingResult[]): string | undefined {
  const count = parts.reduce((sum, { queries }) => sum + queries.length, 0);
  if (results.length !== count) {
    return `there are ${results.length} results of ${count} queries; give one for each, in their order`;
  }
  let at = 0;
  for (const part of parts) {
    for (const { id, targets } of part.queries) {
      const result = results[at++];
      const named = `result ${at} is of the query ${shown(`${result.part}/${result.query}`)}`;
      if (result.part !== part.part || result.query !== id) {
        return `${named}, expected is ${shown(`${part.part}/${id}`)}; give one for each, in their order`;
      }
      // Where a query ranks its own gallery, its only rank is the best of a target.
      if (!part.ownGalleries && result.ranks.length !== targets.length) {
        return `${named} and has ${result.ranks.length} ranks, its targets are ${targets.length}; rank it again`;
      }
    }
  }
  return undefined;
}

/** What query methods need beside a benchmark's images and texts: the one place that knows it. */
import type { QueryMethod } from "../evaluation/query_method.ts";

/** What some query methods need: captions of a benchmark's images, or inverted pseudo-tokens of them for a CLIP. */
export type MethodNeed = "captions" | "pseudoTokens";

/** Returns what a query method needs; undefined if images and texts suffice. */
export function needOf(method: QueryMethod): MethodNeed | undefined {
  if (method === "pseudo-token + text") return "pseudoTokens";
  return method === "caption + text" || method === "oracle" ? "captions" : undefined;
}

/** Returns in words why a query method is not possible. */
export function whyImpossible(method: QueryMethod): string {
  switch (needOf(method)) {
    case "captions":
      return "it needs captions of the images, which the testbed does not have";
    case "pseudoTokens":
      return "there are no inverted pseudo-tokens of this CLIP";
    default:
      return "the testbed's benchmarks do not allow it";
  }
}

/** What queries find first, by how it relates to the reference and the target: where composition goes wrong. */
import type { RankingResult } from "../../evaluation/rank_part.ts";
import type { ScenesBenchmark } from "../data/benchmark.ts";
import { type SceneAspect, sceneAspects } from "../data/edits.ts";
import { type Scene, sceneKey } from "../data/scene.ts";

/** The relations, in the order in which they are tried. */
export const findings = [
  "a correct image",
  "the reference unchanged",
  "the target's kinds, another number, size or background",
  "the reference's kinds, otherwise changed",
  "only kinds that are to go",
  "other kinds",
] as const;
/** One of {@linkcode findings}. */
export type Finding = typeof findings[number];

/**
 * Counts what the queries of each aspect find first, in percent; an aspect without queries is left out.
 *
 * @param results of the parts that `sceneParts` makes, in their order
 * @throws {Error} if there are not as many results as queries
 */
export function whatIsFound(
  { scenes, queries }: Pick<ScenesBenchmark, "scenes" | "queries">,
  results: readonly RankingResult[],
): Map<SceneAspect, Record<Finding, number>> {
  if (results.length !== queries.length) {
    throw new Error(
      `Telling what is found failed: there are ${results.length} results of ${queries.length} queries; give those of all ` +
        "parts.",
    );
  }
  const ordered = sceneAspects.flatMap((aspect) => queries.filter((query) => query.aspect === aspect));
  const found = ordered.map(({ reference, target }, i) => {
    const top = scenes[Number(results[i].top[0].split("/")[1])];
    return relation(top, scenes[reference], scenes[target]);
  });
  const present = sceneAspects.filter((aspect) => ordered.some((query) => query.aspect === aspect));
  return new Map(present.map((aspect) => {
    const own = found.filter((_, i) => ordered[i].aspect === aspect);
    const share = (finding: Finding) => 100 * own.filter((one) => one === finding).length / own.length;
    return [
      aspect,
      Object.fromEntries(findings.map((finding) => [finding, share(finding)])) as Record<Finding, number>,
    ];
  }));
}

function relation(top: Scene, reference: Scene, target: Scene): Finding {
  if (sceneKey(top) === sceneKey(target)) return "a correct image";
  if (sceneKey(top) === sceneKey(reference)) return "the reference unchanged";
  const [shown, before, after] = [top, reference, target].map(kindsOf);
  if (same(shown, after)) return "the target's kinds, another number, size or background";
  if (same(shown, before)) return "the reference's kinds, otherwise changed";
  return shown.isSubsetOf(before.difference(after)) ? "only kinds that are to go" : "other kinds";
}

function kindsOf({ groups }: Scene): Set<number> {
  return new Set(groups.map(({ kind }) => kind));
}

function same(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

import { assert, assertEquals } from "@std/assert";
import type { RunEvaluation } from "../../lib/studies/study_run.ts";
import { directionLines, judgeClaims } from "../../lib/studies/directions.ts";
import { gainOver } from "../../lib/studies/gain.ts";
import type { Study } from "../../lib/studies/study.ts";
import type { StudyRow } from "../../lib/studies/study_rows.ts";
import type { TestbedBenchmark } from "../../lib/studies/testbed.ts";

const queries = Array.from({ length: 40 }, (_, i) => ({ stratum: "all", cluster: `${i}` }));
const main = { name: "made", queries } as unknown as TestbedBenchmark;

/** A row of one run, of whose 40 queries the first so many are right. */
function row(variant: string, right: number, clip = "small"): StudyRow {
  const scores = queries.map((_, i) => Number(i < right));
  const made = { headline: 100 * right / 40, metrics: {}, scores };
  const evaluations: RunEvaluation[] = [{ step: 0, queries: [{ made }] }];
  return {
    ...{ clip, phi: "LinCIR", variant, query: {}, queryIndex: 0, step: 0, last: true, runs: ["key"] },
    finished: [{ evaluations }],
  } as unknown as StudyRow;
}

const claim = (says: string, better: string, than: string) => ({ says, better, than, source: "made" });
const study = {
  paper: {
    table: "Table 0",
    claims: [
      claim("more is better", "many", "few"),
      claim("less is better", "few", "many"),
      claim("it matters", "few", "as few"),
      claim("it exists", "none", "few"),
    ],
  },
} as unknown as Study;
const rows = [row("few", 10), row("as few", 10), row("many", 30)];

Deno.test("gainOver: the paired difference with its interval; undefined without scores", () => {
  const gain = gainOver(rows[0], rows[2], main)!;
  assertEquals(gain.difference, 50);
  assert(gain.low > 30 && gain.low < 50 && gain.high > 50 && gain.high < 70, `${gain.low} ${gain.high}`);
  assertEquals(gainOver(rows[0], rows[2], { name: "other", queries }), undefined);
  // Computed once for the same rows and benchmark, which would otherwise take a second with some thousand queries.
  assert(gainOver(rows[0], rows[2], main) === gain && gainOver(rows[2], rows[0], main) !== gain);
  assertEquals(gainOver({ ...rows[0] }, rows[2], { ...main }), gain);
});

Deno.test("judgeClaims: same direction, opposite, not seen; a claim without its rows is left out", () => {
  assertEquals(judgeClaims(rows, study, main).map(({ says, direction }) => [says, direction]), [
    ["more is better", "same direction"],
    ["less is better", "opposite"],
    ["it matters", "not seen here"],
  ]);
});

Deno.test("directionLines: name CLIP and phi only where there are several", () => {
  const [line] = directionLines(rows, study, main);
  assert(/^Table 0: more is better: same direction \(\+50\.0 \[/.test(line), line);
  const several = directionLines([...rows, row("few", 5, "base"), row("many", 5, "base")], study, main);
  assert(several[0].startsWith("Table 0: more is better: same direction on small, LinCIR ("), several[0]);
  assert(several[1].startsWith("Table 0: more is better: not seen here on base, LinCIR ("), several[1]);
});

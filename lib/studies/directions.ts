/** The paper's claims beside what was measured. */
import { interval } from "../report/intervals.ts";
import { gainOver } from "./gain.ts";
import type { Study } from "./study.ts";
import type { StudyRow } from "./study_rows.ts";
import type { TestbedBenchmark } from "./testbed.ts";

/** What became of a claim: its interval lies above 0, holds 0, or lies below 0. */
export type Direction = "same direction" | "not seen here" | "opposite";

/** A claim of the paper with what was measured. */
export interface JudgedClaim {
  /** The claim in words. */
  says: string;
  /** CLIP and phi that it was measured with. */
  on: string;
  /** What became of it. */
  direction: Direction;
  /** The difference with its interval, as text. */
  difference: string;
}

/** Judges each claim for each CLIP and phi that has both of its rows. */
export function judgeClaims(rows: readonly StudyRow[], study: Study, main: TestbedBenchmark): JudgedClaim[] {
  const settings = Map.groupBy(rows.filter(({ phi }) => phi !== undefined), ({ clip, phi }) => `${clip}, ${phi}`);
  return (study.paper?.claims ?? []).flatMap(({ says, better, than }) =>
    [...settings].flatMap(([on, own]): JudgedClaim[] => {
      const find = (name: string) => own.find((row) => row.variant === name && row.queryIndex === 0 && row.last);
      const [before, after] = [find(than), find(better)], gain = before && after && gainOver(before, after, main);
      if (!gain) return [];
      const direction = gain.low > 0 ? "same direction" : gain.high < 0 ? "opposite" : "not seen here";
      return [{ says, on, direction, difference: interval(gain) }];
    })
  );
}

/** Says of each claim what became of it, a line each. */
export function directionLines(rows: readonly StudyRow[], study: Study, main: TestbedBenchmark): string[] {
  const judged = judgeClaims(rows, study, main), several = new Set(judged.map(({ on }) => on)).size > 1;
  return judged.map(({ says, on, direction, difference }) =>
    `${study.paper!.table}: ${says}: ${direction}${several ? ` on ${on}` : ""} (${difference})`
  );
}

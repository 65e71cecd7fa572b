/** How much of a method's figure is its phi's own training. */
import { interval, spread } from "../report/intervals.ts";
import { type Cell, table } from "../report/table.ts";
import { frozenName, type Study } from "./study.ts";
import { scoresOf, type StudyRow } from "./study_rows.ts";
import { welchInterval } from "./welch.ts";

const rtd = "RTD";

/** The method of a phi: its name up to a comma, as in "LinCIR, seed 2". */
const methodOf = (phi: string) => phi.split(",")[0];

/** What to do where there is nothing to compare. */
const oneOfEach =
  " There is one phi of each method: train others with train-phi --seed, and name them with --phi (scenes) or " +
  'in the testbed\'s file, as "LinCIR, seed 2".';

/** Several phis of each method, trained with other seeds: a comparison of methods from one phi each leaves this out. */
export const phiSeeds: Study = {
  name: "phi-seeds",
  title: "How much of a method's figure is its phi",
  asks: "By how much do figures change with the seed of phi's training, and which methods differ by more than that?",
  clips: "first",
  phis: "all",
  seeds: 1,
  variants: [{ name: rtd, training: { method: "RTD" } }],
  more: ({ testbed, rows }) => {
    const [main] = testbed.benchmarks;
    const figure = (row: StudyRow) => {
      const scores = scoresOf(row, main.name);
      return scores.reduce((sum, { headline }) => sum + headline, 0) / scores.length;
    };
    const values = (variant: string): Map<string, number[]> => {
      const own = rows.filter((row) =>
        row.phi !== undefined && row.variant === variant && scoresOf(row, main.name).length > 0
      );
      return new Map(
        [...Map.groupBy(own, ({ phi }) => methodOf(phi!))].map(([method, of]) => [method, of.map(figure)]),
      );
    };
    const [before, after] = [frozenName, rtd].map(values), methods = [...before.keys()];
    const shown = (found: number[] | undefined): Cell => found && spread(found);
    const difference = (found: Map<string, number[]>, one: string, other: string): Cell => {
      const gap = welchInterval(found.get(one) ?? [], found.get(other) ?? []);
      return gap && interval(gap);
    };
    const pairs = methods.flatMap((one, i) => methods.slice(i + 1).map((other) => [one, other]));
    return [
      {
        title: "Phis of one method",
        note: "Mean and standard deviation over phis that differ in the seed of their training alone." +
          (methods.some((method) => before.get(method)!.length > 1) ? "" : oneOfEach),
        shows: table(
          ["method", "phis", `${main.headline}, frozen`, `${main.headline}, RTD`],
          methods.map((method) => [
            ...[method, String(before.get(method)!.length)],
            ...[shown(before.get(method)), shown(after.get(method))],
          ]),
        ),
      },
      {
        title: "Which method is ahead, the phi's own training counted in",
        note: "Differences of the means over phis with Welch's 95 % interval; one that holds 0 is no finding.",
        shows: table(
          ["methods", "difference, frozen", "difference with RTD"],
          pairs.map(([one, other]) => [
            `${other} against ${one}`,
            ...[difference(before, one, other), difference(after, one, other)],
          ]),
        ),
      },
    ];
  },
};

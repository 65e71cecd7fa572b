/** The table of a bench: medians of the rounds, and ratios of what was measured in the same round. */
import { type Table, table } from "../lib/report/table.ts";
import type { Taken } from "./workers.ts";
import type { Work } from "./work.ts";

/** One program's steps of one kind, round by round. */
export interface Measured {
  name: string;
  taken: Taken[];
  work: Work[];
}

/** Median of some numbers: of two in the middle the upper one. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

/**
 * Makes the table.
 *
 * @param measured the programs; ratios are to the first one
 * @param products the best matrix product of each round, billions of operations a second
 */
export function stepTable(title: string, measured: readonly Measured[], products: readonly number[]): Table {
  const [first] = measured;
  const columns = [
    title,
    "seconds",
    `times ${first.name} (range)`,
    "CPU s (times)",
    "peak, GB",
    "tokens",
    "GFLOP/s",
    `of best product (${median(products).toFixed(0)})`,
    "loss",
  ];
  return table(
    columns,
    measured.map(({ name, taken, work }) => {
      const seconds = taken.map((step) => step.seconds);
      const ratios = seconds.map((value, round) => value / first.taken[round].seconds);
      const cpu = taken.map((step) => step.cpu), cpuRatios = cpu.map((value, round) => value / first.taken[round].cpu);
      const rates = seconds.map((value, round) => work[round].flops / value / 1e9);
      const shares = rates.map((rate, round) => rate / products[round]);
      return [
        name,
        median(seconds).toFixed(3),
        `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
        `${median(cpu).toFixed(2)} (${median(cpuRatios).toFixed(2)})`,
        (taken.at(-1)!.peak / 1e9).toFixed(2),
        String(Math.round(median(work.map(({ tokens }) => tokens)))),
        median(rates).toFixed(0),
        `${(100 * median(shares)).toFixed(0)} %`,
        taken.at(-1)!.loss.toFixed(5),
      ];
    }),
  );
}

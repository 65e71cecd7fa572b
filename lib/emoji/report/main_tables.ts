/**
 * The tables of the main results: methods with and without RTD, encoders with pseudo-tokens of another phi, Table 8.
 */
import type { ClipResult } from "../evaluation/main_results.ts";
import { invertedName } from "../evaluation/main_results.ts";
import { ranksOf, seedsInterval } from "../evaluation/rows.ts";
import type { EmojiRun } from "../evaluation/experiment.ts";
import { interval, spread } from "../../report/intervals.ts";
import { type Cell, type Table, table } from "../../report/table.ts";

const macro = (runs: readonly EmojiRun[]) => spread(runs.map(({ main }) => main.macro["R@1"]));

/** Makes the main table: {Pic2Word, SEARLE, SEARLE-OTI, LinCIR} x {frozen, RTD} and the baselines, for each CLIP. */
export function mainTable(results: readonly ClipResult[]): Table {
  const rows = results.flatMap((clip): Cell[][] => {
    const { size, queries, baselines, inverted, methods, labelToImage } = clip;
    const plain = (name: keyof typeof baselines): Cell[] => [
      size,
      name,
      baselines[name].macro["R@1"],
      undefined,
      undefined,
      undefined,
      undefined,
    ];
    const searle = methods.find(({ method }) => method === "SEARLE")!;
    return [
      plain("image only"),
      plain("text only"),
      plain("image + text sum"),
      ...methods.map(({ method, frozen, rtd }): Cell[] => [
        size,
        method,
        frozen.main.macro["R@1"],
        macro(rtd),
        interval(seedsInterval(queries, [ranksOf(frozen.main)], rtd.map(({ ranks }) => ranks))),
        `${frozen.side["unseen wording"]!.macro["R@1"].toFixed(1)} -> ${
          spread(rtd.map(({ side }) => side["unseen wording"]!))
        }`,
        `${labelToImage.toFixed(1)} -> ${spread(rtd.map((run) => run.labelToImage))}`,
      ]),
      [
        size,
        `${invertedName}, encoder fine-tuned with SEARLE`,
        inverted.main.macro["R@1"],
        spread(searle.rtd.map(({ others }) => others[invertedName].macroR1)),
        interval(
          seedsInterval(
            queries,
            [ranksOf(inverted.main)],
            searle.rtd.map(({ others }) => others[invertedName].ranks),
          ),
        ),
        undefined,
        undefined,
      ],
      plain("oracle"),
    ];
  });
  return table(
    [
      "CLIP",
      "query method",
      "macro R@1, frozen",
      "macro R@1 with RTD",
      "gain, paired 95 %",
      "unseen wording",
      "label to image",
    ],
    rows,
  );
}

/**
 * Makes the table of which method is ahead, frozen and with RTD: paired differences of macro R@1 on the same queries.
 */
export function pairTable(results: readonly ClipResult[]): Table {
  const rows = results.flatMap(({ size, queries, methods }): Cell[][] =>
    methods.flatMap((one, i) =>
      methods.slice(i + 1).map((other): Cell[] => [
        size,
        `${other.method} against ${one.method}`,
        interval(seedsInterval(queries, [ranksOf(one.frozen.main)], [ranksOf(other.frozen.main)])),
        interval(seedsInterval(queries, one.rtd.map(({ ranks }) => ranks), other.rtd.map(({ ranks }) => ranks))),
      ])
    )
  );
  return table(["CLIP", "methods", "difference, frozen, paired 95 %", "difference with RTD, paired 95 %"], rows);
}

/** Makes the table of macro R@1 of encoders that were fine-tuned with one phi, with pseudo-tokens of another. */
export function crossTable(results: readonly ClipResult[]): Table {
  const first = results[0].methods.map(({ method }) => method);
  const rows = results.flatMap(({ size, methods, inverted }): Cell[][] => [
    [size, "frozen", ...methods.map(({ frozen }) => frozen.main.macro["R@1"]), inverted.main.macro["R@1"]],
    ...methods.map(({ method, rtd }): Cell[] => [
      size,
      method,
      ...[...first, invertedName].map((name) =>
        name === method ? macro(rtd) : spread(rtd.map(({ others }) => others[name].macroR1))
      ),
    ]),
  ]);
  return table(
    ["CLIP", "fine-tuned with", ...[...first, invertedName].map((name) => `with pseudo-tokens of ${name}`)],
    rows,
  );
}

/** Makes the table of naive fine-tuning (Table 8) beside RTD. */
export function naiveTable(results: readonly ClipResult[]): Table {
  const rows = results.flatMap(({ size, methods, labelToImage, queries }): Cell[][] =>
    methods.filter(({ naive }) => naive.length > 0).flatMap(({ method, frozen, rtd, naive }): Cell[][] => {
      const before = [ranksOf(frozen.main)];
      const row = (name: string, runs: readonly EmojiRun[]): Cell[] => [
        size,
        method,
        name,
        macro(runs),
        interval(seedsInterval(queries, before, runs.map(({ ranks }) => ranks))),
        spread(runs.map((run) => run.labelToImage)),
      ];
      return [
        [size, method, "frozen", frozen.main.macro["R@1"], undefined, labelToImage],
        ...naive.map(({ anchor, runs }) => row(anchor ? "naive, frozen targets" : "naive, no anchor", runs)),
        row("RTD", rtd),
      ];
    })
  );
  return table(["CLIP", "phi", "fine-tuning", "macro R@1", "gain over frozen, paired 95 %", "label to image"], rows);
}

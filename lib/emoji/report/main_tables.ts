/** The tables of the main results: methods with and without RTD, words of one phi asked of another's encoder, Table 8. */
import type { ClipResult } from "../evaluation/main_results.ts";
import { invertedName } from "../evaluation/main_results.ts";
import { ranksOf, seedsInterval } from "../evaluation/rows.ts";
import type { EmojiRun } from "../evaluation/experiment.ts";
import { interval, spread } from "../../report/intervals.ts";
import { type Cell, type Table, table } from "../../report/table.ts";

const macro = (runs: readonly EmojiRun[]) => spread(runs.map(({ main }) => main.macro["R@1"]));

/** {Pic2Word, SEARLE, SEARLE-OTI, LinCIR} x {frozen, RTD}, with the rows that every table needs, for each CLIP. */
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
        `${invertedName} (encoder of SEARLE)`,
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
    ["CLIP", "query", "frozen", "with RTD", "gain, paired 95 %", "unseen wording", "label to image"],
    rows,
  );
}

/** Which method is ahead, frozen and with RTD: paired differences of macro R@1, queries answered by both. */
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
  return table(["CLIP", "methods", "frozen, paired 95 %", "with RTD, paired 95 %"], rows);
}

/** Does an encoder tuned with one phi help another? Rows: tuned with; columns: asked with. */
export function crossTable(results: readonly ClipResult[]): Table {
  const first = results[0].methods.map(({ method }) => method);
  const rows = results.flatMap(({ size, methods, inverted }): Cell[][] => [
    [size, "frozen", ...methods.map(({ frozen }) => frozen.main.macro["R@1"]), inverted.main.macro["R@1"]],
    ...methods.map(({ method, rtd }): Cell[] => [
      size,
      method,
      ...[...first, invertedName].map((asked) =>
        asked === method ? macro(rtd) : spread(rtd.map(({ others }) => others[asked].macroR1))
      ),
    ]),
  ]);
  return table(
    ["CLIP", "tuned with", ...first.map((name) => `asked with ${name}`), `asked with ${invertedName}`],
    rows,
  );
}

/** Naive tuning (Table 8) beside RTD. */
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
  return table(["CLIP", "phi", "tuning", "macro R@1", "against frozen, paired 95 %", "label to image"], rows);
}

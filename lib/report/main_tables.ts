/** The tables of the main results: methods with and without RTD, words of one phi asked of another's encoder, Table 8. */
import type { ClipResult } from "../evaluation/emoji_main.ts";
import { invertedName } from "../evaluation/emoji_main.ts";
import { seedsInterval } from "../evaluation/emoji_rows.ts";
import type { EmojiOutcome } from "../evaluation/emoji_run.ts";
import type { PairedInterval } from "../evaluation/bootstrap.ts";
import type { EmojiScores } from "../evaluation/emoji_retrieval.ts";
import { type Cell, type Table, table } from "./table.ts";

/** Mean and standard deviation over runs, as "55.9 +- 1.1". */
export function spread(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return mean.toFixed(1);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(1)} +- ${Math.sqrt(variance).toFixed(1)}`;
}

/** A difference with its interval, as "+24.3 [20.1, 30.0]". */
export function interval({ difference, low, high }: PairedInterval): string {
  return `${difference < 0 ? "" : "+"}${difference.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
}

const ranksOf = ({ answers }: EmojiScores) => answers.map(({ ranked }) => ranked.rank);
const macro = (runs: readonly EmojiOutcome[]) => spread(runs.map(({ main }) => main.macro["R@1"]));

/** {Pic2Word, SEARLE, SEARLE-OTI, LinCIR} x {frozen, RTD}, with the rows that every table needs, for each CLIP. */
export function mainTable(results: readonly ClipResult[]): Table {
  const rows = results.flatMap((clip): Cell[][] => {
    const { size, queries, baselines, inverted, methods, labelToPicture } = clip;
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
        `${labelToPicture.toFixed(1)} -> ${spread(rtd.map((run) => run.labelToPicture))}`,
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
    ["CLIP", "query", "frozen", "with RTD", "gain, paired 95 %", "unseen wording", "label to picture"],
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
  const rows = results.flatMap(({ size, methods, labelToPicture, queries }): Cell[][] =>
    methods.filter(({ naive }) => naive.length > 0).flatMap(({ method, frozen, rtd, naive }): Cell[][] => {
      const before = [ranksOf(frozen.main)];
      const row = (name: string, runs: readonly EmojiOutcome[]): Cell[] => [
        size,
        method,
        name,
        macro(runs),
        interval(seedsInterval(queries, before, runs.map(({ ranks }) => ranks))),
        spread(runs.map((run) => run.labelToPicture)),
      ];
      return [
        [size, method, "frozen", frozen.main.macro["R@1"], undefined, labelToPicture],
        ...naive.map(({ anchor, runs }) => row(anchor ? "naive, frozen targets" : "naive, no anchor", runs)),
        row("RTD", rtd),
      ];
    })
  );
  return table(["CLIP", "phi", "tuning", "macro R@1", "against frozen, paired 95 %", "label to picture"], rows);
}

/** What a composed query's feature is made from: the attention of its end-of-text token, frozen and after RTD. */
import type { Series } from "../report/chart.ts";
import { spread } from "../report/intervals.ts";
import { figure } from "../report/figure.ts";
import { type Cell, table } from "../report/table.ts";
import { type AttentionShares, type QueryPart, queryParts, wordsOf } from "./attention_shares.ts";
import { frozenName, type Study, type StudySection } from "./study.ts";
import { evaluationOf, type StudyRow } from "./study_rows.ts";
import { meanAndSpread } from "./sweep.ts";

const rtd = "RTD";

/** The shares of a composed query's parts in what its end-of-text token attends to; beyond the paper. */
export const attention: Study = {
  name: "attention",
  title: "What the end-of-text token attends to",
  asks:
    "Does RTD make the query's feature attend more to the pseudo-token, or to the conditioning text, and in which layers?",
  clips: "first",
  phis: "first",
  probes: ["attention"],
  variants: [{ name: rtd, training: { method: "RTD" } }],
  more: ({ rows }) => {
    const encoders = [frozenName, rtd].flatMap((variant) => {
      const row = rows.find((one) => one.variant === variant && one.last), runs = row ? sharesOf(row) : [];
      return runs.length === 0 ? [] : [{ name: variant === rtd ? "after RTD" : variant, runs }];
    });
    if (encoders.length === 0) return [];
    const [{ runs: [{ queries, template, tokens, layers }] }] = encoders;
    const words = queryParts.map((part) => wordsOf(part, template));
    const lines = layers.flatMap((_, layer) =>
      encoders.map(({ name, runs }): Cell[] => [
        `${layer + 1}`,
        name,
        ...queryParts.map((part) => spread(percentOf(runs, layer, part))),
      ])
    );
    return [
      {
        title: "Shares by layer",
        note: `Percent of the end-of-text token's attention, mean over the heads and over ${queries} queries ` +
          `("${template}"); after RTD mean and standard deviation over seeds. The first line counts tokens. Attention ` +
          "says where a layer reads, not what it does with it: the streams that it reads have themselves read others.",
        shows: table(["layer", "encoder", ...words], [
          ["", "tokens", ...queryParts.map((part) => tokens[part].toFixed(1))],
          ...lines,
        ]),
      },
      ...encoders.map(({ name, runs }): StudySection => ({
        title: `By layer, ${name}`,
        shows: figure({
          ...{ kind: "bar", title: `Attention of the end-of-text token, ${name}` },
          ...{ xTitle: "layer", yTitle: "share, percent" },
          series: queryParts.map((part, i) => barsOf(words[i], runs, part)),
        }),
      })),
    ];
  },
};

/** What the runs of a row attend to, one a seed. */
function sharesOf(row: StudyRow): AttentionShares[] {
  return row.finished.map((run) => evaluationOf(row, run).probes?.attention).filter((one) => one !== undefined);
}

/** The share of a part in a layer, percent, one a run. */
function percentOf(runs: readonly AttentionShares[], layer: number, part: QueryPart): number[] {
  return runs.map(({ layers }) => 100 * layers[layer][part]);
}

/** The bars of a part, one a layer. */
function barsOf(name: string, runs: readonly AttentionShares[], part: QueryPart): Series {
  const points = runs[0].layers.map((_, layer) => meanAndSpread(percentOf(runs, layer, part)));
  return {
    name,
    x: points.map((_, layer) => String(layer + 1)),
    y: points.map(({ mean }) => mean),
    spread: points.map(({ spread }) => spread),
  };
}

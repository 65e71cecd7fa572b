/** Table 5: what each training costs, as its runs measured it. */
import { spread } from "../report/intervals.ts";
import { type Cell, table } from "../report/table.ts";
import { naiveTuning } from "./naive_tuning.ts";
import { paperWords } from "./paper.ts";
import type { Study } from "./study.ts";
import { meanAndSpread } from "./sweep.ts";

/** Data, time and memory of the fine-tunings; the runs are those of naive-tuning. */
export const cost: Study = {
  name: "cost",
  title: "What each training costs",
  asks: "How much data, time and memory do RTD and naive fine-tuning take?",
  clips: "first",
  phis: "all",
  variants: naiveTuning.variants,
  more: async ({ testbed, rows, recipe }) => {
    const [source] = testbed.tripletSources, texts = source && (await source.triplets()).texts?.();
    const different = texts && new Set(texts).size.toLocaleString("en-US");
    const lines = rows.filter(({ phi, step, last, queryIndex }) => phi && step > 0 && last && queryIndex === 0)
      .map(({ clip, phi, variant, finished }): Cell[] => {
        const rtd = finished[0]?.inputs.training as { method?: string } | undefined, ofRtd = rtd?.method !== "naive";
        const { mean } = meanAndSpread(finished.map(({ seconds, steps }) => 1000 * seconds.training / steps));
        return [
          clip,
          phi,
          variant,
          ofRtd ? different : undefined,
          ofRtd ? (recipe.steps * recipe.batch).toLocaleString("en-US") : undefined,
          String(finished[0].steps),
          spread(finished.map(({ seconds }) => seconds.training)),
          mean.toFixed(0),
          (Math.max(...finished.map(({ memory }) => memory)) / 1e9).toFixed(2),
        ];
      });
    const seen = paperWords("Cost");
    return [{
      title: "Data, time and memory",
      note: "Seconds of the training alone, without evaluations, on the machine at the time: where several processes " +
        "shared it, they say little, and only large ratios count. Memory is the most that the whole process held, " +
        "evaluations and what earlier runs left included, so it is a bound. Texts and triplets are RTD's; the data of a " +
        `naive loss is not counted.${seen ? ` The paper: ${seen}.` : ""}`,
      shows: table([
        ...["CLIP", "phi", "training", "different texts", "triplets drawn", "steps"],
        ...["seconds", "ms a step", "most memory, GB"],
      ], lines),
    }];
  },
};

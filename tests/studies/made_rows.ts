/** Rows of a study with made figures, for tests of what is said and drawn of them. */
import type { Device } from "../../lib/backend/device.ts";
import { paperRecipe } from "../../lib/rtd/recipe.ts";
import type { StudyRow, StudyRows } from "../../lib/studies/study_rows.ts";
import type { Testbed } from "../../lib/studies/testbed.ts";

/** One row. */
export interface MadeRow {
  /** Name of the variant. */
  variant: string;
  /** Steps done; of 200 that take ten seconds. */
  step: number;
  /** Share of an average. */
  share?: number;
  /** Whether it is the end of a fine-tuning (default true). */
  last?: boolean;
  /** Plain and composed retrieval of each seed, percent. */
  figures: readonly (readonly [plain: number, composed: number])[];
}

const device: Device = { backend: "wasm", name: "made", gpu: false, reason: "made" };

/** Makes them on a testbed of a hundred queries, each a cluster of its own. */
export function madeRows(made: readonly MadeRow[]): StudyRows {
  const main = {
    ...{ name: "made", split: "none", headline: "R@1", protocol: "none", gallery: 100, hash: "made", stamps: [] },
    queries: Array.from({ length: 100 }, (_, i) => ({ stratum: "all", cluster: String(i) })),
  };
  const testbed: Testbed = {
    ...{ name: "made", about: "none", recipe: paperRecipe, clips: [], tripletSources: [], benchmarks: [main] },
    ...{ plain: { headline: "plain R@1", hash: "made" }, methods: [], conditioning: [] },
    open: () => Promise.reject(new Error("nothing is opened")),
  };
  const rows = made.map(({ variant, step, share, last = true, figures }): StudyRow => ({
    ...{ clip: "small", phi: "LinCIR", variant, query: {}, queryIndex: 0, step, share, last, runs: [] },
    finished: figures.map(([plain, composed]) => ({
      ...{ inputs: {}, device, losses: [], memory: 0 },
      seconds: { training: step === 0 ? 0 : 10, evaluation: 1 },
      steps: step === 0 ? 0 : 200,
      evaluations: [{
        ...{ step, share, plain: { "plain R@1": plain } },
        queries: [{
          made: {
            headline: composed,
            metrics: { "R@1": composed },
            scores: main.queries.map((_, i) => Number(i < composed)),
          },
        }],
      }],
    })),
  }));
  return { testbed, recipe: paperRecipe, rows };
}

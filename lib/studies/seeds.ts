/** How much of a figure is chance. */
import { table } from "../report/table.ts";
import type { Study } from "./study.ts";
import { scoresOf } from "./study_rows.ts";
import { meanAndSpread, plainOf } from "./sweep.ts";

const rtd = "RTD";

/** The same run with ten seeds. */
export const seeds: Study = {
  name: "seeds",
  title: "How much of a figure is chance",
  asks: "By how much does RTD's figure change with the seed alone?",
  clips: "first",
  phis: "first",
  seeds: 10,
  variants: [{ name: rtd, training: { method: "RTD" } }],
  more: (result) => {
    const row = result.rows.find(({ variant }) => variant === rtd), [main] = result.testbed.benchmarks;
    if (!row) return [];
    const values = scoresOf(row, main.name).map(({ headline }) => headline), { plain } = result.testbed;
    const retrieval = plain ? plainOf(row, plain.headline) : [], { mean, spread } = meanAndSpread(values);
    return [{
      title: "Seed by seed",
      note: values.length < 2
        ? "One run says nothing of chance; name more seeds."
        : `Mean ${mean.toFixed(1)}, standard deviation ${spread.toFixed(1)}, from ${
          Math.min(...values).toFixed(1)
        } to ${Math.max(...values).toFixed(1)}. The mean of three seeds has a standard error of ${
          (spread / Math.sqrt(3)).toFixed(1)
        }: differences of less than about three times that between two rows of three seeds are no finding.`,
      shows: table(
        ["run", `${main.name}, ${main.headline}`, ...(plain ? [plain.headline] : [])],
        values.map((value, i) => [`${i + 1}`, value, ...(plain ? [retrieval[i]] : [])]),
      ),
    }];
  },
};

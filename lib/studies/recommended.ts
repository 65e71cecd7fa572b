/** A recipe beyond the paper's, which composes as well and forgets next to nothing, beside the paper's own. */
import { interval, spread } from "../report/intervals.ts";
import { type Cell, table } from "../report/table.ts";
import { recommendedChanges } from "../rtd/recipe.ts";
import { gainOver } from "./gain.ts";
import { frozenName, type Study } from "./study.ts";
import { scoresOf } from "./study_rows.ts";
import { meanAndSpread, plainOf } from "./sweep.ts";

const rtd = "RTD", recommendedName = "RTD, recommended", fastName = "the larger rate alone";

/** The share of the frozen encoder's plain retrieval that is to be kept, percent. */
const goal = 98;

/** Its choices were made on validation (`trade-off`); shown with five seeds on the tests of several splits and worlds. */
export const recommended: Study = {
  name: "recommended",
  title: "A recipe that keeps what CLIP knew",
  asks: "Does the recipe that validation chose compose as well as RTD, and keep plain retrieval, on test queries?",
  clips: "first",
  phis: "first",
  seeds: 5,
  variants({ recipe }) {
    const changes = recommendedChanges(recipe), { optimizer } = changes;
    return [
      { name: rtd, training: { method: "RTD" } },
      // Tells the larger rate's part from the anchor's.
      { name: fastName, training: { method: "RTD", changes: { optimizer } }, against: rtd },
      { name: recommendedName, training: { method: "RTD", changes, keptCaptions: "all" }, against: rtd },
    ];
  },
  more: (result) => {
    const { testbed: { benchmarks: [main], plain }, rows } = result;
    if (!plain) return [];
    const own = rows.filter(({ phi }) => phi !== undefined);
    const lines = own.map((row): Cell[] => {
      const frozen = own.find(({ phi, variant }) => phi === row.phi && variant === frozenName);
      const published = own.find(({ phi, variant }) => phi === row.phi && variant === rtd);
      const retrieval = plainOf(row, plain.headline), before = frozen && plainOf(frozen, plain.headline);
      const kept = before && 100 * meanAndSpread(retrieval).mean / meanAndSpread(before).mean;
      const gain = published && row.variant !== rtd && row !== frozen ? gainOver(published, row, main) : undefined;
      return [
        row.phi!,
        row.variant,
        spread(scoresOf(row, main.name).map(({ headline }) => headline)),
        gain && interval(gain),
        spread(retrieval),
        kept === undefined ? undefined : `${kept.toFixed(1)} %`,
        row.step === 0 ? undefined : spread(row.finished.map(({ seconds }) => seconds.training)),
      ];
    });
    return [{
      title: "Composed and plain retrieval",
      note:
        `Kept: the share of the frozen encoder's ${plain.headline}; the goal is ${goal} %. Seconds of the training alone, ` +
        "on the machine at the time.",
      shows: table([
        ...["phi", "encoder", `${main.name}, ${main.headline}`, "against RTD, paired 95 %", plain.headline, "kept"],
        "seconds of training",
      ], lines),
    }];
  },
};

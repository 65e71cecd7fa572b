/** All studies, in the order in which they are listed. */
import { nearestName } from "../io/nearest_name.ts";
import { attention } from "./attention.ts";
import { batchSize } from "./batch_size.ts";
import { components } from "./components.ts";
import { conditioningText } from "./conditioning_text.ts";
import { cost } from "./cost.ts";
import { fewerParameters } from "./fewer_parameters.ts";
import { keptCaptions } from "./kept_captions.ts";
import { layers } from "./layers.ts";
import { mainResults } from "./main_results.ts";
import { naiveTuning } from "./naive_tuning.ts";
import { noise } from "./noise.ts";
import { phiSeeds } from "./phi_seeds.ts";
import { readingOrObeying } from "./reading_or_obeying.ts";
import { refinedBatches } from "./refined_batches.ts";
import { recommended } from "./recommended.ts";
import { seeds } from "./seeds.ts";
import { steps } from "./steps.ts";
import type { Study } from "./study.ts";
import { taskDiscrepancy } from "./task_discrepancy.ts";
import { temperature } from "./temperature.ts";
import { tradeOff } from "./trade_off.ts";
import { tripletSources } from "./triplet_sources.ts";
import { whereTheyLie } from "./where_they_lie.ts";

/** All studies. */
export const studies: readonly Study[] = [
  taskDiscrepancy,
  mainResults,
  components,
  tripletSources,
  naiveTuning,
  layers,
  noise,
  temperature,
  batchSize,
  steps,
  seeds,
  phiSeeds,
  conditioningText,
  keptCaptions,
  tradeOff,
  recommended,
  fewerParameters,
  whereTheyLie,
  readingOrObeying,
  attention,
  refinedBatches,
  cost,
];

/** Returns a study by its name. @throws {Error} if there is none */
export function findStudy(name: string): Study {
  const found = studies.find((study) => study.name === name);
  if (found) return found;
  const names = studies.map((study) => study.name), near = nearestName(name, names);
  throw new Error(
    `Finding the study "${name}" failed: there is none of this name; there are ${names.join(", ")}` +
      `${near ? `; did you mean ${near}?` : "."}`,
  );
}

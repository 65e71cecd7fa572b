/** The parts of a planned study. */
import type { NaiveRecipe } from "../rtd/naive_fine_tuning.ts";
import type { RtdRecipe } from "../rtd/recipe.ts";
import type { Probe } from "./probes.ts";
import type { QueryChoice } from "./testbed.ts";
import type { TripletSampler } from "./triplet_sampler.ts";

/** Queries with the name of their row. */
export interface NamedQuery extends QueryChoice {
  /** Added to the variant's name; by default nothing. */
  name?: string;
  /** Whether its row stands in the study's further tables alone, not in the main one. */
  aside?: boolean;
}

/** A part of a study that the testbed cannot run. */
export interface NotRun {
  /** What it is. */
  what: string;
  /** Why, and what would be needed. */
  reason: string;
}

/** One fine-tuning, or none, with its evaluations. */
export interface PlannedRun {
  /** Names its file in the cache: the hash of `inputs`. */
  key: string;
  /** Everything that decides its result. */
  inputs: Record<string, unknown>;
  /** Name of the CLIP. */
  clip: string;
  /** Name of the phi that it is fine-tuned with; absent where there is no fine-tuning. */
  phi?: string;
  /** What it is, for progress displays, such as "small, LinCIR, TCL + RB, seed 1". */
  title: string;
  /** The fine-tuning; absent: the frozen encoder is evaluated. */
  training?: PlannedTraining;
  /** The queries that it is evaluated with. */
  queries: readonly QueryChoice[];
  /** Where texts and images lie is measured with each evaluation, with this phi and these scales of noise. */
  textAndImage?: { phi: string; noise: readonly number[] };
  /** What is probed with each evaluation, with this phi. */
  probes?: { phi: string; names: readonly Probe[] };
  /** Steps after which it is evaluated; 0 alone for the frozen encoder. */
  at: readonly number[];
  /** Shares of the fine-tuned encoder in the averages with the frozen one that are evaluated at the end; absent: none. */
  shares?: readonly number[];
}

/** A fine-tuning with everything resolved. */
export type PlannedTraining =
  | { method: "RTD"; recipe: RtdRecipe; triplets: TripletSampler; keptCaptions?: readonly string[] }
  | { method: "naive"; recipe: NaiveRecipe; anchor: boolean };

/** One row of a table. */
export interface PlannedRow {
  /** Name of the CLIP. */
  clip: string;
  /** Name of the phi that the encoder was fine-tuned with, or that makes its queries; absent for baselines. */
  phi?: string;
  /** Name of the variant, or of the baseline. */
  variant: string;
  /** The query. */
  query: NamedQuery;
  /** Index of the query in the runs' evaluations. */
  queryIndex: number;
  /** Steps of the fine-tuning when it was evaluated; 0 for the frozen encoder. */
  step: number;
  /** Share of the fine-tuned encoder in the average that is evaluated; absent: the encoder itself. */
  share?: number;
  /** Whether it is what the fine-tuning ends with: `step` is its last, and nothing is averaged. */
  last: boolean;
  /** Keys of the runs, one a seed. */
  runs: readonly string[];
  /** Name of the variant that the gain is over; absent for baselines and the frozen encoder. */
  against?: string;
}

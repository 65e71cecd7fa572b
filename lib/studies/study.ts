/**
 * A study: what is asked, the variants that answer it, and how the answer is read. It is a plain value; `runStudy` runs
 * it on any testbed.
 */
import type { RtdRecipe } from "../rtd/recipe.ts";
import type { Showable } from "../report/display.ts";
import type { ConditioningChange } from "./conditioning.ts";
import type { PaperFigure } from "./paper.ts";
import type { NamedQuery, NotRun } from "./planned.ts";
import type { Probe } from "./probes.ts";
import type { StudyRows } from "./study_rows.ts";
import type { Testbed } from "./testbed.ts";

/** One study, usually one table of the paper. */
export interface Study {
  /** Its name on the command line, such as "components". */
  name: string;
  /** Its title, such as "Which part of RTD does what". */
  title: string;
  /** What it asks, in one sentence. */
  asks: string;
  /** What the paper says; absent: the question is not the paper's. */
  paper?: PaperTable;
  /**
   * The published benchmarks that tables of the paper are on, by family, such as "fashioniq"; a testbed of published
   * benchmarks that lacks one cannot run its table.
   */
  published?: Readonly<Record<string, string>>;
  /** Returns the rows of the paper that a testbed has nothing for, each with what would be needed. */
  lacks?: (testbed: Testbed) => readonly NotRun[];
  /** Whether it runs on the first CLIP of a testbed or on all. */
  clips: "first" | "all";
  /** Whether it runs with the first phi of each CLIP or with all. */
  phis: "first" | "all";
  /** Runs of each fine-tuning where the user names no number (default 3). */
  seeds?: number;
  /** Further queries of the frozen encoder: a row a CLIP, under their names. */
  frozen?: readonly (NamedQuery & { /** Name of the row. */ name: string })[];
  /** The variants, or a function that makes them for a testbed. Frozen rows and baselines are added to every table. */
  variants: readonly Variant[] | ((context: StudyContext) => readonly Variant[]);
  /**
   * Returns the scales of noise with which it is measured where texts and images lie, in each evaluation of the frozen
   * encoder and of the variants; absent: it is not measured.
   */
  textAndImage?: (context: StudyContext) => readonly number[];
  /** What is probed in each evaluation of the frozen encoder and of the variants; absent: nothing. */
  probes?: readonly Probe[];
  /** Further tables, figures and paragraphs below the main table. */
  more?: (result: StudyRows) => readonly StudySection[] | Promise<readonly StudySection[]>;
}

/** What a study can make its variants from. */
export interface StudyContext {
  /** The testbed. */
  testbed: Testbed;
  /** The recipe that variants change, with the user's choices. */
  recipe: RtdRecipe;
}

/** One variant: how the text encoder is fine-tuned, and with which queries it is evaluated. */
export interface Variant {
  /** Its name in the table. */
  name: string;
  /** The fine-tuning; absent: the frozen encoder. */
  training?: Training;
  /** The queries; by default "phi + text" alone. The first decides the row's figures, each further one makes a row. */
  queries?: readonly NamedQuery[];
  /** Shares of the steps after which it is evaluated, in ascending order; the end, 1, is always added. Default: the end. */
  at?: readonly number[];
  /**
   * Shares of the fine-tuned encoder, above 0 and below 1, in weight averages with the frozen one (`averageWeights`): each
   * makes a row, without a training of its own. Default: none.
   */
  shares?: readonly number[];
  /** Name of the variant that its gain is over; by default the frozen encoder with the same query. */
  against?: string;
}

/** How a text encoder is fine-tuned. */
export type Training = RtdTraining | NaiveTraining;

/** Fine-tuning with the RTD loss. */
export interface RtdTraining {
  /** The loss. */
  method: "RTD";
  /** Changes of the recipe; the seed is the run's. */
  changes?: Partial<Omit<RtdRecipe, "seed">>;
  /** Names of the sources of triplets; of several, each gives an equal share of a batch. By default the testbed's first. */
  triplets?: readonly string[];
  /** How the conditioning texts of the triplets are changed. */
  conditioning?: ConditioningChange;
  /** Trains to read a pseudo-token alone: the conditioning text is empty, and the target is the reference caption. */
  reads?: true;
  /**
   * What the recipe's `keepCaptions` preserves: the step's target captions (default), the testbed's captions of no triplet
   * ("beside"), or all captions that it has.
   */
  keptCaptions?: "targets" | "beside" | "all";
}

/** Fine-tuning with the base method's own loss (the paper's Table 8). */
export interface NaiveTraining {
  /** The loss. */
  method: "naive";
  /** Whether targets come from the frozen encoder. */
  anchor: boolean;
  /** Changes of the recipe; the seed is the run's. */
  changes?: Partial<Pick<RtdRecipe, "steps" | "trainable" | "optimizer" | "schedule">>;
}

/** What the paper says about a study's question. */
export interface PaperTable {
  /** The table, such as "Table 6". */
  table: string;
  /** What its figures are of, such as "average; the datasets are not stated". */
  figuresAre: string;
  /** Returns the paper's figure for a row; undefined where none was seen. */
  figure: (row: PaperRow) => PaperFigure | undefined;
  /** What the paper claims, where its direction can be compared. */
  claims: readonly Claim[];
}

/** A row as the paper knows it. */
export interface PaperRow {
  /** Name of the variant, or of the baseline. */
  variant: string;
  /** The base method; absent for baselines. */
  phi?: string;
  /** The backbone, where it is one of the paper's. */
  backbone?: string;
}

/** A difference that the paper reports. */
export interface Claim {
  /** In words, such as "refined concatenation helps". */
  says: string;
  /** Name of the variant that is better in the paper. */
  better: string;
  /** Name of the variant that it is compared with. */
  than: string;
  /** Where the paper says so. */
  source: string;
}

/** A part of a study's answer below its main table. */
export interface StudySection {
  /** Its heading. */
  title: string;
  /** What it shows, how to read it. */
  note?: string;
  /** A table or a figure. */
  shows: Showable;
}

/** Name of the rows of the frozen encoder. */
export const frozenName = "frozen";

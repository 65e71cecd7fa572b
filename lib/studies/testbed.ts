/**
 * What a study runs on: CLIPs with their phis, triplets, benchmarks. There are two makers, `emojiTestbed` (the embedded
 * world) and `clipTestbed` (real CLIPs and benchmarks that a file names); a study knows this interface and nothing else.
 *
 * Everything that decides a run has a hash, which is known before a CLIP is loaded: what is cached is found without
 * computing.
 */
import type { Clip } from "../clip/files/model_folder.ts";
import type { Preprocessing } from "../clip/images/preprocess.ts";
import type { ClipConfig } from "../clip/model/config.ts";
import type { Metrics } from "../evaluation/metrics.ts";
import type { QueryMethod } from "../evaluation/query_method.ts";
import type { FeatureRows } from "../evaluation/rank_part.ts";
import type { Phi } from "../projection/phi.ts";
import type { FineTuned, FineTuningControl } from "../rtd/fine_tune_text.ts";
import type { KeptCaptions } from "../rtd/kept_captions.ts";
import type { NaiveRecipe } from "../rtd/naive_fine_tuning.ts";
import type { RtdRecipe } from "../rtd/recipe.ts";
import type { Weights } from "../tensors/weights.ts";
import type { ConditioningChange } from "./conditioning.ts";
import type { TripletSampler } from "./triplet_sampler.ts";

/** Names of the sources of batches with near neighbours, and without. */
export const batchSourceNames = { siblings: "edits, siblings", apart: "edits, no siblings" } as const;

/** What a study runs on. */
export interface Testbed {
  /** Its name, such as "emoji". */
  name: string;
  /** What it is and what its figures do not say, in one or two sentences; stands below every table. */
  about: string;
  /** The recipe that studies change. */
  recipe: RtdRecipe;
  /** The CLIPs; a study that needs one takes the first. */
  clips: readonly TestbedClip[];
  /** Where triplets come from; the first is the default. */
  tripletSources: readonly TripletSource[];
  /**
   * Triplets like those of the first source, in batches with near neighbours (siblings) and without, under
   * {@linkcode batchSourceNames}; absent: it is not known which triplets are near.
   */
  batchSources?: readonly TripletSource[];
  /** Captions that a fine-tuning can be made to preserve in the place of its steps' targets; absent: there are none. */
  keptCaptions?: {
    /** Captions of no triplet; absent: none are known. */
    beside?: KeptCaptionsSource;
    /** Captions of all kinds that are at hand, with and without a triplet. */
    all?: KeptCaptionsSource;
  };
  /** The benchmarks; the first decides the gains. */
  benchmarks: readonly TestbedBenchmark[];
  /** Plain caption-to-image retrieval, which tells what a fine-tuning costs; absent: it is not measured. */
  plain?: {
    /** Its headline metric, such as "label to image R@1". */ headline: string; /** Hash of its data. */
    hash: string;
  };
  /** Name of the first benchmark with captions beside its images; absent: none has them. */
  captioned?: string;
  /** The query methods that its benchmarks allow, whatever the CLIP. */
  methods: readonly QueryMethod[];
  /** The changes of the conditioning text that its queries allow. */
  conditioning: readonly ConditioningChange[];
  /** Loads a CLIP with its phis and encodes the images; the caller disposes what is returned. */
  open(clip: string, control?: OpenControl): Promise<OpenClip>;
}

/** How opening a CLIP is observed. */
export interface OpenControl {
  /** Called with a stage, such as "encoding images", the number done and their total; what it throws stops the work. */
  onStage?: (stage: string, done: number, total: number) => void;
}

/** A CLIP of a testbed, before it is loaded. */
export interface TestbedClip {
  /** Its name in tables. */
  name: string;
  /** Number of its parameters. */
  parameters: number;
  /** Its sizes; absent: studies cannot say how many parameters a variant trains. */
  config?: ClipConfig;
  /** Its identity; see `Clip.identity`. */
  identity: string;
  /** The backbone's name in the paper, such as "ViT-L/14", where it is one of the paper's. */
  backbone?: string;
  /** How its images become pixels, where that is a choice. */
  preprocessing?: Preprocessing;
  /** Its phis; a study that needs one takes the first. */
  phis: readonly TestbedPhi[];
  /** Inverted pseudo-tokens (SEARLE-OTI) of the references, where there are any. */
  pseudoTokens?: { /** Hash of their file. */ hash: string };
}

/** A phi of a CLIP, before it is loaded. */
export interface TestbedPhi {
  /** Its name in tables: that of the base method. */
  name: string;
  /** Hash of its file. */
  hash: string;
  /** Naive fine-tuning with the base method's own loss, where the testbed has its data. */
  naive?: {
    /** The anchors that the loss allows. */ anchors: readonly boolean[]; /** Hash of its data and its choices. */
    data: string;
  };
}

/** A source of triplets. */
export interface TripletSource {
  /** Its name, such as "rule". */
  name: string;
  /** What it is, in one sentence. */
  about: string;
  /** Reads or makes the triplets, once. */
  triplets(): Promise<TripletSampler>;
}

/** Captions that a fine-tuning can be made to preserve. */
export interface KeptCaptionsSource {
  /** What they are, in a phrase. */
  about: string;
  /** Reads them; once, however often it is called. */
  captions(): Promise<KeptCaptions>;
}

/** A benchmark of a testbed. */
export interface TestbedBenchmark {
  /** Its name in tables, such as "CIRR val". */
  name: string;
  /** The split. */
  split: string;
  /** The metric by which methods are compared, such as "R@1". */
  headline: string;
  /** Which published benchmark it is, such as "cirr"; absent: none. */
  family?: string;
  /** How it is ranked and scored, in one sentence. */
  protocol: string;
  /** Number of images in the gallery, or in all galleries. */
  gallery: number;
  /** The queries that the headline metric counts, in the order of the scores. */
  queries: readonly CountedQuery[];
  /** Hash of its queries, targets and images. */
  hash: string;
  /** Sentences that qualify its figures, such as that captions stand for images. */
  stamps: readonly string[];
  /** What `evaluate` records of it too (`protocolRecord`), so that figures of both can be compared; absent: nothing. */
  record?: Readonly<Record<string, unknown>>;
}

/** A query as the bootstrap sees it. */
export interface CountedQuery {
  /** Means are taken within each stratum, then over strata: a part of a benchmark, or a kind of edit. */
  stratum: string;
  /** Queries of one cluster are drawn together: a family, or the queries of one reference image. */
  cluster: string;
}

/** How queries are made. */
export interface QueryChoice {
  /** The query method; "phi + text" by default. */
  method?: QueryMethod;
  /** Name of the phi; by default the one that the encoder was fine-tuned with. */
  phi?: string;
  /** How the conditioning text is changed; by default it is not. */
  conditioning?: ConditioningChange;
  /** Where the caption of "caption + text" stands; by default before the text. See `QueryPrompt.caption`. */
  caption?: "in the template";
}

/** Queries of a benchmark whose reference has a caption beside its image. */
export interface CaptionedQueries {
  /** The queries: id of the reference image, and the first of their conditioning texts. */
  queries: readonly { reference: string; text: string }[];
  /** Captions of the references, by id. */
  captions: ReadonlyMap<string, readonly string[]>;
  /** `[N, P]` features of the images, the references' among them. */
  features: FeatureRows;
  /** Template of the composed query, with `[$]` and `{text}`. */
  template: string;
}

/** The queries of a testbed's first benchmark, as they are probed beside the ranking (`Probe`). */
export interface ProbedQueries {
  /** The queries: id of the reference image, and the first of their conditioning texts. */
  queries: readonly { reference: string; text: string }[];
  /** Template of the composed query, with `[$]` and `{text}`. */
  template: string;
  /** `[N, P]` features of the images, the references' among them. */
  features: FeatureRows;
  /** Ids of the images among which a reference is looked for. */
  gallery: readonly string[];
  /** Reference images, each with the images of the gallery that show the same: itself, where there is no other. */
  lookalikes: readonly { reference: string; same: readonly string[] }[];
  /** What shows the same, in a few words, such as "the other drawing of its scene". */
  sameIs: string;
  /** Captions of the references, by id, where there are any. */
  captions?: ReadonlyMap<string, readonly string[]>;
}

/** A CLIP of a testbed in memory, with its phis, and the features of all images; frees everything when it is disposed. */
export interface OpenClip extends Disposable {
  /** The CLIP. */
  clip: Clip;
  /** Returns a phi by its name. */
  phi(name: string): Phi;
  /** Queries whose reference has a caption beside its image; absent where no benchmark has captions. */
  captioned?: CaptionedQueries;
  /** The queries of the first benchmark; absent where no study needs them. */
  probed?: ProbedQueries;
  /**
   * Ranks all benchmarks with queries of one kind.
   *
   * @param choice how queries are made; "phi + text" needs the name of a phi
   * @param textWeights weights of a fine-tuned text encoder; absent: the frozen one
   * @returns scores by name of the benchmark; one on which the method is impossible is left out
   */
  evaluate(choice: QueryChoice, textWeights?: Weights): Promise<Record<string, BenchmarkScores>>;
  /** Measures plain caption-to-image retrieval, percent; undefined where the testbed has none. */
  plain(textWeights?: Weights): Promise<Metrics | undefined>;
  /**
   * Fine-tunes the text encoder with the loss of a phi's own method.
   *
   * @param phi name of the phi
   * @throws {Error} if the testbed has no data for it, or the loss does not allow the anchor
   */
  fineTuneNaively(
    phi: string,
    options: { anchor: boolean; recipe: NaiveRecipe } & FineTuningControl,
  ): Promise<FineTuned>;
}

/** Scores on one benchmark. */
export interface BenchmarkScores {
  /** The headline metric, percent. */
  headline: number;
  /** All metrics, percent. */
  metrics: Metrics;
  /** The headline metric's score of each query that it counts, 0 to 1, in the order of the benchmark's queries. */
  scores: readonly number[];
  /** Mean cosine of the queries with their first target image; absent for a method without a query feature. */
  targetCosine?: number;
}

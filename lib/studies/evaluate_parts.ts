/** Ranks the parts of a benchmark with queries of one kind, and scores them as studies do. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import type { ImageCaptions } from "../evaluation/caption_features.ts";
import { rankQueries } from "../evaluation/evaluation_row.ts";
import { meanMetrics, type Metrics, partMetrics } from "../evaluation/metrics.ts";
import type { QueryPrompt } from "../evaluation/query_encoder.ts";
import type { QueryMethod } from "../evaluation/query_method.ts";
import type { FeatureRows } from "../evaluation/rank_part.ts";
import { scoreOf } from "../evaluation/ranking_results.ts";
import type { Phi } from "../projection/phi.ts";
import type { Weights } from "../tensors/weights.ts";
import { changeTexts, type ConditioningChange } from "./conditioning.ts";
import { targetCosines } from "./target_cosine.ts";
import type { BenchmarkScores } from "./testbed.ts";

/** What is ranked. */
export interface EncodedParts {
  /** The parts. */
  parts: readonly BenchmarkPart[];
  /** Captions of their images, where there are any. */
  captions?: ImageCaptions;
  /** Features of their images. */
  features: FeatureRows;
  /** Inverted pseudo-tokens of the references. */
  pseudoTokens?: FeatureRows;
  /** The metric by which methods are compared. */
  headline: string;
  /** How queries are worded. */
  prompt: QueryPrompt;
  /** The conditioning texts of each part's queries in other words, where there are any. */
  paraphrases?: readonly (readonly (readonly string[])[])[];
}

/** How queries are made, and by what. */
export interface PartQueries {
  /** The CLIP. */
  clip: Clip;
  /** The projection; needed for "phi + text". */
  phi?: Phi;
  /** Weights of a fine-tuned text encoder; absent: the frozen one. */
  textWeights?: Weights;
  /** The query method. */
  method: QueryMethod;
  /** How the conditioning text is changed. */
  conditioning?: ConditioningChange;
  /** Where the caption of "caption + text" stands. */
  caption?: QueryPrompt["caption"];
}

/** Ranks all parts; of several, metrics are means over them, and those of each under its name. */
export async function evaluateParts(
  { parts: given, captions, features, pseudoTokens, headline, prompt, paraphrases }: EncodedParts,
  { method, conditioning, caption, ...models }: PartQueries,
): Promise<BenchmarkScores> {
  const parts = given.map((part, at) => {
    const texts = changeTexts(part.queries.map(({ texts }) => texts), conditioning, paraphrases?.[at]);
    return { ...part, queries: part.queries.map((query, i) => ({ ...query, texts: texts[i] })) };
  });
  let sum = 0, count = 0;
  const results = await rankQueries({ ...models, pseudoTokens, captions }, {
    ...{ parts, features, method, prompt: { ...prompt, caption } },
    onProgress: () => {},
    async onQueries(encoded, part, indices) {
      const cosines = await targetCosines(encoded, { part, indices, features });
      [sum, count] = [sum + cosines.sum, count + cosines.count];
    },
  });
  const each = parts.map((part): [string, Metrics] => [
    part.part,
    partMetrics(part, results.filter((result) => result.part === part.part)),
  ]);
  const metrics = each.length === 1 ? each[0][1] : {
    ...meanMetrics(each.map(([, one]) => one)),
    ...Object.fromEntries(
      each.flatMap(([part, one]) => Object.entries(one).map(([name, value]) => [`${part}, ${name}`, value])),
    ),
  };
  return {
    headline: metrics[headline],
    metrics,
    scores: results.map(scoreOf(headline)),
    ...(count > 0 && { targetCosine: sum / count }),
  };
}

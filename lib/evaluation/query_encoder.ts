/**
 * Encodes the queries of a benchmark by any of the query methods.
 *
 * Letters: A queries that are encoded, P width of the embedding, D width of a token embedding.
 */
import type { BenchmarkPart, ComposedQuery } from "../benchmarks/benchmark.ts";
import { countLongTexts } from "../clip/count_long_texts.ts";
import type { Wording } from "../benchmarks/wording.ts";
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { placeholder } from "../clip/model/tokenizer.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { applyPhi, type Phi } from "../projection/phi.ts";
import { composedPrompt } from "../projection/prompts.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import { cleanText } from "../triplets/triplet.ts";
import { type EncodedMethod, type QueryMethod, queryMethods } from "./query_method.ts";
import type { FeatureRows } from "./rank_part.ts";

/** The wording of queries. */
export interface QueryPrompt {
  /** Template of the composed query, with `[$]` and `{text}`; "a photo of [$] that {text}" in the paper. */
  template: string;
  /** Which of a query's texts are used: all, by the mean of their features (FashionIQ's two orders), or the first. */
  orders: "mean of all" | "first";
  /**
   * What "image + text sum" adds: "normalised" features (the default: both sides weigh alike), or the "raw" ones, as GeneCIS'
   * released program averages them, whose lengths weigh.
   */
  sum?: "normalised" | "raw";
  /**
   * Where the caption of "caption + text" stands: "before the text" (the default, "{caption}, {text}"), or "in the
   * template", in the place of `[$]`.
   */
  caption?: "before the text" | "in the template";
  /** Template of a text without reference ("text only" and the sum), with `{text}`; absent: the text as it is. */
  textOnly?: string;
}

/** The paper's wording. */
export const paperPrompt: QueryPrompt = { template: composedPrompt("{text}"), orders: "mean of all" };

/** Returns a benchmark's default template: Pic2Word's for COCO, whose texts are names of objects; else the paper's. */
export function defaultTemplate(benchmark: string): string {
  return benchmark === "coco" ? `a photo of ${placeholder} and {text}` : paperPrompt.template;
}

/**
 * Returns a benchmark's default wording: its default template and, for COCO, whose texts are names of objects, "a photo of
 * {text}" for texts without reference, as in Pic2Word.
 */
export function defaultPrompt(benchmark: string, wording: Wording = "paper"): QueryPrompt {
  if (wording === "pic2word") return { ...paperPrompt, template: `a photo of ${placeholder} , {text}` };
  const prompt = { ...paperPrompt, template: defaultTemplate(benchmark) };
  return benchmark === "coco" ? { ...prompt, textOnly: "a photo of {text}" } : prompt;
}

/** Checks the template of a prompt. @throws {Error} if it lacks `[$]` or `{text}` */
export function checkTemplate(template: string): void {
  if (!template.includes(placeholder) || !template.includes("{text}")) {
    throw new Error(
      `The prompt "${template}" lacks ${placeholder} or {text}; the paper's is "${paperPrompt.template}".`,
    );
  }
}

/** The models and captions from which the queries of a benchmark are encoded. */
export interface QueryEncoder {
  /** The CLIP. */
  clip: Clip;
  /** The projection; needed for "phi + text". */
  phi?: Phi;
  /** `[N, D]` pseudo-tokens of images by id; needed for "pseudo-token + text". */
  pseudoTokens?: FeatureRows;
  /** Weights of a fine-tuned text encoder; absent: the frozen one. */
  textWeights?: Weights;
  /** Captions of images by id; needed for "caption + text" and "oracle". */
  captions?: ReadonlyMap<string, readonly string[]>;
}

/** Returns the query methods whose models and captions are given. */
export function availableMethods(
  { phi, pseudoTokens, captions }: Partial<Record<"phi" | "pseudoTokens" | "captions", unknown>>,
): QueryMethod[] {
  return queryMethods.filter((method) => {
    if (method === "phi + text") return phi !== undefined;
    if (method === "pseudo-token + text") return pseudoTokens !== undefined;
    if (method === "caption + text" || method === "oracle") return captions !== undefined;
    return true;
  });
}

/** Returns whether a method encodes reference and text together, so that a fine-tuned text encoder applies to it. */
export function isComposed(method: QueryMethod): boolean {
  return method === "caption + text" || method === "pseudo-token + text" || method === "phi + text";
}

/** Returns the indices of the queries whose reference has features. */
export function queriesWithReference({ queries }: BenchmarkPart, { index }: FeatureRows): number[] {
  return [...queries.keys()].filter((at) => index.has(queries[at].reference));
}

/** Options of {@linkcode encodeQueries}. */
export interface EncodeQueriesOptions {
  /** The part whose queries are encoded. */
  part: BenchmarkPart;
  /** Indices of the queries to encode, in `part.queries`. */
  indices: readonly number[];
  /** The query method; a product of similarities has no feature of its own. */
  method: EncodedMethod;
  /** Features of the reference images, by id. */
  features: FeatureRows;
  /** The wording; by default the paper's. */
  prompt?: QueryPrompt;
  /** Called after each batch of texts, with the number encoded so far and their total. */
  onProgress?: OnProgress;
}

/**
 * Encodes queries of a benchmark by one method. Texts are cleaned by `cleanText`.
 *
 * @returns `[A, P]`, one row for each of `indices`; the caller disposes it
 * @throws {Error} if the method needs something that the encoder does not have
 */
export async function encodeQueries(
  { clip, phi, pseudoTokens, textWeights, captions }: QueryEncoder,
  { part, indices, method, features, prompt = paperPrompt, onProgress }: EncodeQueriesOptions,
): Promise<tf.Tensor2D> {
  checkTemplate(prompt.template);
  const queries = indices.map((at) => part.queries[at]);
  const encoder = { ...clip, weights: { ...clip.weights, ...textWeights } };
  const needed = <T>(what: string, part: T | undefined): T => {
    if (part === undefined) throw new Error(`Encoding "${method}" queries failed: there are no ${what}.`);
    return part;
  };
  const captionOf = (id: string): string => {
    const caption = needed("captions of images", captions).get(id)?.[0];
    if (caption === undefined) {
      throw new Error(`Encoding "${method}" queries failed: the image "${id}" has no caption.`);
    }
    return cleanText(caption);
  };
  const ofRaw = method === "image + text sum" && prompt.sum === "raw";
  const referenceRows = queries.map(({ reference }) => features.index.get(reference)!);
  const referenceFeatures = () => rowsAt(features.rows, referenceRows); // [A, P]

  /**
   * Encodes the queries' texts; of several texts a query, the mean of the normalised features, for a sum of raw features
   * that of the raw ones. `[A, P]`
   */
  async function encodeAll(
    wording: (text: string, query: ComposedQuery) => string,
    pseudoTokens?: tf.Tensor2D,
  ): Promise<tf.Tensor2D> {
    const variants = prompt.orders === "first" ? 1 : Math.max(...queries.map(({ texts }) => texts.length));
    const parts: tf.Tensor2D[] = [];
    try {
      for (let variant = 0; variant < variants; variant++) {
        const texts = queries.map((query) =>
          wording(cleanText(query.texts[Math.min(variant, query.texts.length - 1)]), query)
        );
        parts.push(await encodeTexts(encoder, texts, { pseudoTokens, onProgress })); // [A, P]
      }
      if (parts.length === 1) return parts.pop()!;
      if (ofRaw) return tf.tidy(() => tf.div(tf.addN(parts), parts.length) as tf.Tensor2D);
      return tf.tidy(() => normaliseRows(tf.addN(parts.map((one) => normaliseRows(one)))) as tf.Tensor2D);
    } finally {
      tf.dispose(parts);
    }
  }

  /** Encodes the composed prompt with a pseudo-token for each query, which it disposes. `[A, D]` to `[A, P]` */
  async function encodeComposed(pseudoTokens: tf.Tensor2D): Promise<tf.Tensor2D> {
    try {
      return await encodeAll((text) => prompt.template.replace("{text}", () => text), pseudoTokens);
    } finally {
      pseudoTokens.dispose();
    }
  }

  const textOnly = (text: string) => (prompt.textOnly ?? "{text}").replace("{text}", () => text);
  switch (method) {
    case "image only":
      return referenceFeatures();
    case "text only":
      return await encodeAll(textOnly);
    case "image + text sum": {
      const texts = await encodeAll(textOnly), references = referenceFeatures();
      // The mean of raw features has the direction of their sum.
      const side = (rows: tf.Tensor2D) => ofRaw ? rows : normaliseRows(rows);
      const sum = tf.tidy(() => tf.add(side(references), side(texts)) as tf.Tensor2D);
      tf.dispose([references, texts]);
      return sum;
    }
    case "caption + text":
      return await encodeAll((text, { reference }) => {
        const caption = captionOf(reference);
        if (prompt.caption !== "in the template") return `${caption}, ${text}`;
        return prompt.template.replace("{text}", () => text).replaceAll(placeholder, () => caption);
      });
    case "oracle":
      return await encodeAll((_, { targets }) => captionOf(targets[0]));
    case "pseudo-token + text": {
      const { rows, index } = needed("pseudo-tokens; name a file of them with --pseudo-tokens", pseudoTokens);
      const wanted = queries.map(({ reference }) => {
        const row = index.get(reference);
        if (row !== undefined) return row;
        throw new Error(`Encoding "${method}" queries failed: the image "${reference}" has no inverted pseudo-token.`);
      });
      return await encodeComposed(rowsAt(rows, wanted));
    }
    case "phi + text": {
      const given = needed("weights of phi; name a file of them with --phi", phi);
      return await encodeComposed(tf.tidy(() => applyPhi(given, referenceFeatures())));
    }
  }
}

/**
 * Counts a part's texts that, worded as queries, fill the model's context: longer ones are cut, as in training, and those
 * that just fit look the same afterwards.
 */
export function countCutTexts(
  clip: Pick<Clip, "config" | "tokenizer">,
  part: BenchmarkPart,
  { template }: QueryPrompt,
): number {
  const texts = part.queries.flatMap(({ texts }) =>
    texts.map((text) => template.replace("{text}", () => cleanText(text)))
  );
  return countLongTexts(clip, texts);
}

/**
 * A query as the features that images are compared with, and what becomes of the cosines.
 *
 * Letters: P width of the embedding, D width of a token embedding.
 */
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { applyPhi, type Phi } from "../projection/phi.ts";
import { composedPrompt } from "../projection/prompts.ts";
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import { cleanText } from "../triplets/triplet.ts";
import { checkModels, type SearchMethod, takenMethod } from "./search_method.ts";

/** A query and the models that encode it, wherever the images are. */
export interface QueryOptions {
  /** What is to be different, or what is looked for without an image; it is cleaned as training texts are. */
  text?: string;
  /** How image and text become one query (default "composed" with a phi, else "sum"). Without one of them: the other. */
  method?: SearchMethod;
  /**
   * How much the text counts, from 0 (the image alone) to 1 (the text alone); 0.5 by default. "composed" at 0.5 is the
   * composed query as it is; below, the similarity to the image is mixed in, above, that to the text.
   */
  weight?: number;
  /** The CLIP of the index; a text needs it. */
  clip?: Pick<Clip, "weights" | "config" | "tokenizer">;
  /** The projection; "composed" needs it. */
  phi?: Phi;
  /** Weights of a fine-tuned text encoder (default: the frozen one). */
  textWeights?: Weights;
}

/** One feature of a query. */
export interface QueryTerm {
  /** `[P]`, normalised. */
  unit: Float32Array;
  /** Factor of its cosine in a sum, exponent of its cosine in a product; above 0. */
  weight: number;
}

/** A query: an image's score is made of its cosines with one or two features. */
export interface QueryTerms {
  /** "sum": of the weighted cosines; "product": of the cosines' powers, negative cosines taken as 0. */
  combined: "sum" | "product";
  /** The features. */
  terms: QueryTerm[];
}

/**
 * Encodes a query.
 *
 * @param reference feature `[P]` of the reference image, of any norm
 * @throws {Error} if there is neither an image nor a text, a model is missing, or the weight is none
 */
export async function encodeQuery(
  { text = "", weight = 0.5, clip, phi, textWeights, ...options }: QueryOptions,
  reference?: Float32Array,
): Promise<QueryTerms> {
  if (!(weight >= 0 && weight <= 1)) {
    throw new Error(`Searching failed: the weight is ${weight}; give a number from 0 (the image) to 1 (the text).`);
  }
  const cleaned = cleanText(text);
  const method = takenMethod({
    ...{ image: reference, text: cleaned, method: options.method ?? (phi ? "composed" : "sum") },
  });
  checkModels(method, { clip, phi });
  const encode = async (words: string, pseudoTokens?: tf.Tensor2D) => {
    const encoder = { ...clip!, weights: { ...clip!.weights, ...textWeights } };
    const features = await encodeTexts(encoder, [words], { pseudoTokens }); // [1, P]
    return await read(features);
  };
  const composed = async () => {
    const pseudoTokens = tf.tidy(() => applyPhi(phi!, tf.tensor2d(reference!, [1, reference!.length]))); // [1, D]
    try {
      return await encode(composedPrompt(cleaned), pseudoTokens);
    } finally {
      pseudoTokens.dispose();
    }
  };
  const image = () => Promise.resolve(reference!), words = () => encode(cleaned);
  const share = Math.abs(2 * weight - 1);
  const parts: [weight: number, feature: () => Promise<Float32Array>][] = method === "image"
    ? [[1, image]]
    : method === "text"
    ? [[1, words]]
    : method === "composed"
    ? [[1 - share, composed], [share, weight < 0.5 ? image : words]]
    : [[weight, words], [1 - weight, image]];
  const terms: QueryTerm[] = [];
  // A feature that counts nothing is not encoded.
  for (const [weight, feature] of parts) if (weight > 0) terms.push({ unit: unitOf(await feature()), weight });
  return { combined: method === "product" ? "product" : "sum", terms };
}

/** The feature of which the inner product with an image's is the weighted sum of the cosines. `[P]` */
export function summed(terms: readonly QueryTerm[]): Float32Array {
  return terms[0].unit.map((_, i) => terms.reduce((sum, { unit, weight }) => sum + weight * unit[i], 0));
}

/** The score of a product. @param cosines with each of the terms */
export function multiplied(terms: readonly QueryTerm[], cosines: readonly number[]): number {
  return terms.reduce((product, { weight }, i) => product * Math.max(0, cosines[i]) ** weight, 1);
}

/** The norm of a feature `[P]`. */
export function normOf(feature: Float32Array): number {
  return Math.sqrt(feature.reduce((sum, value) => sum + value * value, 0));
}

/** Normalises a feature. `[P]`, 0 if it is 0 */
export function unitOf(feature: Float32Array): Float32Array {
  const norm = normOf(feature);
  return norm > 0 ? feature.map((value) => value / norm) : feature;
}

async function read(features: tf.Tensor): Promise<Float32Array> {
  try {
    return await features.data() as Float32Array;
  } finally {
    features.dispose();
  }
}

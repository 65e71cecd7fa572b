/**
 * Where texts and images lie: how near what is made from a caption, as in RTD's training, lies to what is made from the
 * image, as in its evaluation: features, pseudo-tokens, composed queries.
 *
 * Letters: N references, A queries, P width of the embedding, D width of a token embedding.
 */
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { evenly } from "../io/evenly.ts";
import { drawNoise } from "../projection/noise.ts";
import { applyPhi, type Phi, phiInput } from "../projection/phi.ts";
import { noisyPseudoTokens } from "../rtd/concatenation.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import { planeMap } from "../tensors/principal_components.ts";
import { random } from "../tensors/random.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import { cleanText } from "../triplets/triplet.ts";
import { type PairSimilarity, pairSimilarity } from "./pair_similarity.ts";
import type { CaptionedQueries } from "./testbed.ts";

/** What a run measured of texts and images: plain numbers, as the cache holds them. */
export interface TextAndImage {
  /** Number of references. */
  references: number;
  /** Number of composed queries. */
  queries: number;
  /** What was measured with each scale of the noise, in the order that was asked for. */
  scales: readonly ScaleSimilarity[];
  /** The pseudo-tokens, of unit length, on the plane of their first two principal components; frozen encoder alone. */
  map?: TextAndImageMap;
}

/** How near caption and image lie, with noise of one scale on the caption's feature. */
export interface ScaleSimilarity {
  /** Scale of the noise, as the recipe's. */
  noise: number;
  /** CLIP's features, in the form that phi reads. */
  features: PairSimilarity;
  /** phi's outputs. */
  pseudoTokens: PairSimilarity;
  /** Composed queries; other pairs have the same text and another reference. */
  queries: PairSimilarity;
}

/** Pseudo-tokens of some references on a plane; the i-th of both belong to one reference. */
export interface TextAndImageMap {
  /** Made from captions, without noise. */
  text: { x: readonly number[]; y: readonly number[] };
  /** Made from images. */
  image: { x: readonly number[]; y: readonly number[] };
  /** Share of the variance of each axis, 0 to 1. */
  variance: readonly [number, number];
}

/** Seed of the noise and of other references: the same in every run. */
const seed = 7;
/** Most composed queries that are encoded, and most references on a map. */
const mostQueries = 1000, mostPoints = 300;

/**
 * Measures where texts and images lie.
 *
 * Captions and images are encoded by the frozen CLIP, as in training and evaluation; a fine-tuned text encoder reads the
 * composed queries alone.
 *
 * @param noise scales of the noise on the captions' features; the draws of all scales are the same but for their scale
 * @throws {Error} if fewer than two references have an image and a caption
 */
export async function measureTextAndImage(
  { clip, phi, captioned, textWeights }: {
    clip: Clip;
    phi: Phi;
    captioned: CaptionedQueries;
    textWeights?: Weights;
  },
  noise: readonly number[],
): Promise<TextAndImage> {
  const { captions, features, template } = captioned;
  const ids = [...new Set(captioned.queries.map(({ reference }) => reference))];
  const N = ids.length, texts = ids.map((id) => cleanText(captions.get(id)![0]));
  const rowOf = new Map(ids.map((id, i) => [id, i]));
  if (N < 2) {
    throw new Error(
      `Measuring texts and images failed: ${N} references have an image and a caption; give captions of two or more.`,
    );
  }
  const queries = evenly(captioned.queries.length, mostQueries).map((i) => captioned.queries[i]);
  const own = queries.map(({ reference }) => rowOf.get(reference)!), rng = random(seed);
  const other = own.map((row) => (row + 1 + rng.int(N - 1)) % N);
  const prompts = queries.map(({ text }) => template.replace("{text}", () => cleanText(text)));
  const queryNames = queries.map((_, i) => `${texts[own[i]]}\n${prompts[i]}`);
  const encoder = { ...clip, weights: { ...clip.weights, ...textWeights } };
  const owned: tf.Tensor[] = [], keep = <T extends tf.Tensor>(tensor: T) => (owned.push(tensor), tensor);
  try {
    const image = keep(rowsAt(features.rows, ids.map((id) => features.index.get(id)!))); // [N, P]
    const text = keep(await encodeTexts(clip, texts)); // [N, P]
    const imageTokens = keep(applyPhi(phi, image)); // [N, D]
    const imageInput = keep(tf.tidy(() => tf.clone(phiInput(image, phi.input)))); // [N, P]
    const compose = async (tokens: tf.Tensor2D) => {
      keep(tokens); // [A, D]
      return keep(await encodeTexts(encoder, prompts, { pseudoTokens: tokens })); // [A, P]
    };
    const ofImages = await compose(rowsAt(imageTokens, own)); // [A, P]
    const scales: ScaleSimilarity[] = [];
    for (const scale of noise) {
      const tokensOf = (features: tf.Tensor2D) => noisyPseudoTokens(phi, features, scale, random(seed));
      const noisy = keep(tf.tidy(() => {
        const input = phiInput(text, phi.input), [N, P] = input.shape; // [N, P]
        return tf.add(input, drawNoise(N, P, scale, random(seed))) as tf.Tensor2D; // [N, P]
      }));
      const ofTexts = await compose(tokensOf(keep(rowsAt(text, own)))); // [A, P]
      const ofOthers = await compose(tokensOf(keep(rowsAt(text, other)))); // [A, P]
      scales.push({
        noise: scale,
        features: await pairSimilarity(imageInput, noisy, { names: texts }),
        pseudoTokens: await pairSimilarity(imageTokens, keep(tokensOf(text)), { names: texts }),
        queries: await pairSimilarity(ofImages, ofTexts, { names: queryNames, others: ofOthers }),
      });
    }
    return {
      ...{ references: N, queries: queries.length, scales },
      ...(!textWeights && { map: await mapOf(keep(applyPhi(phi, text)), imageTokens) }),
    };
  } finally {
    tf.dispose(owned);
  }
}

/** Draws the pseudo-tokens of some references on one plane. `[N, D]` each */
async function mapOf(text: tf.Tensor2D, image: tf.Tensor2D): Promise<TextAndImageMap> {
  const shown = evenly(text.shape[0], mostPoints), count = shown.length;
  const both = tf.tidy(() => normaliseRows(tf.concat([rowsAt(text, shown), rowsAt(image, shown)]) as tf.Tensor2D)); // [2M, D]
  const points = await both.array() as number[][];
  both.dispose();
  const { x, y, variance } = planeMap(points),
    short = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4)));
  return {
    text: { x: short(x.slice(0, count)), y: short(y.slice(0, count)) },
    image: { x: short(x.slice(count)), y: short(y.slice(count)) },
    variance: [Number(variance[0].toFixed(4)), Number(variance[1].toFixed(4))],
  };
}

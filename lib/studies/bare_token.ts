/**
 * What a text encoder reads out of a pseudo-token alone: "a photo of [$]", without a conditioning text, is ranked against
 * the images for one that shows what the reference image shows.
 *
 * Letters: N references, G images of the gallery, P width of the embedding, D width of a token embedding.
 */
import { encodeTexts } from "../clip/encode.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { recallAt } from "../evaluation/metrics.ts";
import { rankGallery } from "../evaluation/ranking.ts";
import { applyPhi, type Phi } from "../projection/phi.ts";
import { imagePrompt } from "../projection/prompts.ts";
import { normaliseRows } from "../tensors/contrastive_losses.ts";
import { rowsAt } from "../tensors/rows_at.ts";
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import { cleanText } from "../triplets/triplet.ts";
import { sixDecimals } from "./six_decimals.ts";
import type { ProbedQueries } from "./testbed.ts";

/** How well references are found: plain numbers, as the cache holds them. */
export interface BareToken {
  /** Number of references. */
  references: number;
  /** Number of images among which they are looked for. */
  gallery: number;
  /** What shows the same, in a few words. */
  sameIs: string;
  /** By "a photo of [$]" with the pseudo-token of the reference image. */
  pseudoToken: Found;
  /** By the reference image's own feature, which no text encoder touches. */
  image: Found;
  /** By the reference's caption in the place of `[$]`; absent without captions. */
  caption?: Found;
}

/** How often something finds an image that shows the same, and how near it lies to it. */
export interface Found {
  /** Percent of the references for which such an image comes first; the reference itself is left out, or is the one. */
  first: number;
  /** Mean cosine with the first of the images that show the same. */
  cosine: number;
}

/** What is probed, and the queries. */
export interface ProbeModels {
  /** The CLIP. */
  clip: Clip;
  /** The projection. */
  phi: Phi;
  /** The queries. */
  probed: ProbedQueries;
  /** Weights of a fine-tuned text encoder; absent: the frozen one. */
  textWeights?: Weights;
}

/** Measures it. @throws {Error} if no reference has an image that shows the same */
export async function measureBareToken(
  { clip, phi, probed, textWeights }: ProbeModels,
): Promise<BareToken> {
  const { gallery, features, sameIs, captions } = probed, at = new Map(gallery.map((id, i) => [id, i]));
  const references = probed.lookalikes.map(({ reference, same }) => ({
    ...{ reference, row: features.index.get(reference) },
    correct: same.map((id) => at.get(id)).filter((index) => index !== undefined),
  })).filter(({ row, correct }) => row !== undefined && correct.length > 0);
  if (references.length === 0) {
    throw new Error("Measuring what a pseudo-token finds failed: no reference has an image in the gallery; give some.");
  }
  const relevance = references.map(({ reference, correct }) => {
    const own = at.get(reference);
    return { correct, excluded: own === undefined || correct.includes(own) ? [] : [own] };
  });
  const encoder = { ...clip, weights: { ...clip.weights, ...textWeights } };
  const owned: tf.Tensor[] = [], keep = <T extends tf.Tensor>(tensor: T) => (owned.push(tensor), tensor);
  try {
    const images = keep(rowsAt(features.rows, gallery.map((id) => features.index.get(id)!))); // [G, P]
    const same = keep(rowsAt(images, references.map(({ correct: [first] }) => first))); // [N, P]
    const own = keep(rowsAt(features.rows, references.map(({ row }) => row!))); // [N, P]
    const find = async (queries: tf.Tensor2D): Promise<Found> => {
      const rankings = await rankGallery({ queries, gallery: images, relevance, top: 1 });
      const total = keep(tf.tidy(() => tf.sum(tf.mul(normaliseRows(queries), normaliseRows(same))))); // []
      const [sum] = await total.data();
      const first = recallAt(rankings.map(({ ranks }) => Math.min(...ranks)), 1);
      return { first: sixDecimals(first), cosine: sixDecimals(sum / references.length) };
    };
    const pseudoTokens = keep(tf.tidy(() => applyPhi(phi, own))); // [N, D]
    const prompts = references.map(() => imagePrompt);
    const bare = keep(await encodeTexts(encoder, prompts, { pseudoTokens })); // [N, P]
    const texts = captions && references.every(({ reference }) => captions.has(reference))
      ? references.map(({ reference }) => imagePrompt.replace("[$]", () => cleanText(captions.get(reference)![0])))
      : undefined;
    return {
      ...{ references: references.length, gallery: gallery.length, sameIs },
      ...{ pseudoToken: await find(bare), image: await find(own) },
      ...(texts && { caption: await find(keep(await encodeTexts(encoder, texts))) }),
    };
  } finally {
    tf.dispose(owned);
  }
}

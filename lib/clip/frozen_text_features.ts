/**
 * Caches the features of a frozen text encoder, so that each text is encoded once however often it recurs.
 *
 * A feature must not depend on when it is computed, or a resumed run would differ from an unbroken one in its last
 * bits: matrix products of different shapes round differently. So texts are encoded in blocks of one shape, their own
 * length by a fixed number of rows, whatever else is missing at the time.
 */
import * as tf from "../tensors/tf.ts";
import type { Clip } from "./files/model_folder.ts";
import { encodeTokens } from "./model/text_encoder.ts";

/** A cache of the text features of one frozen CLIP. */
export interface FrozenTextFeatures {
  /**
   * Un-normalised features `[B, P]` of B texts without placeholder, encoded or from the cache.
   * @returns `[B, P]`, the caller's to dispose
   */
  features(texts: readonly string[]): Promise<tf.Tensor2D>;
}

/** Options of {@linkcode frozenTextFeatures}. */
export interface FrozenTextOptions {
  /**
   * Most texts to cache (default 100 000; at P = 768 they take 300 MB). The cache is emptied when missing texts would
   * make it larger.
   */
  limit?: number;
}

/** Rows of a block; a block that is not full repeats its last text. */
const blockRows = 16;

/**
 * Makes an empty cache of text features for a CLIP whose text tower does not change.
 *
 * @param clip a CLIP with its text tower loaded
 */
export function frozenTextFeatures(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { limit = 100_000 }: FrozenTextOptions = {},
): FrozenTextFeatures {
  const { weights, config, tokenizer } = clip;
  const P = config.projectionWidth;
  const cached = new Map<string, Float32Array>();

  async function encodeBlock(texts: readonly string[]): Promise<void> {
    const rows = Array.from({ length: blockRows }, (_, i) => texts[Math.min(i, texts.length - 1)]);
    const features = encodeTokens(weights, config.text, tokenizer.encode(rows)); // [blockRows, P]
    const values = await features.data() as Float32Array;
    features.dispose();
    texts.forEach((text, i) => cached.set(text, values.slice(i * P, (i + 1) * P)));
  }

  return {
    async features(texts) {
      const unique = [...new Set(texts)];
      const absent = () => unique.filter((text) => !cached.has(text));
      if (cached.size + absent().length > limit) cached.clear();
      const byLength = Map.groupBy(absent(), (text) => tokenizer.encode([text]).length);
      for (const same of byLength.values()) {
        for (let from = 0; from < same.length; from += blockRows) await encodeBlock(same.slice(from, from + blockRows));
      }
      const rows = new Float32Array(texts.length * P);
      texts.forEach((text, i) => rows.set(cached.get(text)!, i * P));
      return tf.tensor2d(rows, [texts.length, P]);
    },
  };
}

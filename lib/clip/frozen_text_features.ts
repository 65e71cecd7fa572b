/**
 * Caches the features of a frozen text encoder, so that each text is encoded once however often it recurs.
 *
 * A feature must not depend on when it is computed, or a resumed run would differ from an unbroken one in its last
 * bits: matrix products of different shapes round differently. So texts are encoded in blocks of one shape, their own
 * length by a fixed number of rows, whatever else is missing at the time.
 */
import * as tf from "../tensors/tf.ts";
import type { Clip } from "./files/model_folder.ts";
import { encodeBatch } from "./batch_encoder.ts";

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
  /**
   * Texts that will be asked for some day, if they are known: they fill blocks that would not be full. More than
   * `limit` are not kept in mind.
   */
  expected?: readonly string[];
}

/** Rows of a block; one that no expected text fills repeats its last text. */
const blockRows = 16;

/**
 * Makes an empty cache of text features for a CLIP whose text tower does not change.
 *
 * @param clip a CLIP with its text tower loaded
 */
export function frozenTextFeatures(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { limit = 100_000, expected = [] }: FrozenTextOptions = {},
): FrozenTextFeatures {
  const { weights, config, tokenizer } = clip;
  const P = config.projectionWidth;
  const cached = new Map<string, Float32Array>();
  const lengthOf = (text: string) => tokenizer.encode([text]).length;
  let fillers: Map<number, string[]> | undefined;

  /** Takes up to `count` expected texts of a length that are not cached yet. */
  function fill(length: number, count: number): string[] {
    fillers ??= Map.groupBy(expected.length > limit ? [] : new Set(expected), lengthOf);
    const left = fillers.get(length) ?? [], taken: string[] = [];
    while (taken.length < count && left.length > 0) {
      const text = left.pop()!;
      if (!cached.has(text)) taken.push(text);
    }
    return taken;
  }

  async function encodeBlock(texts: readonly string[]): Promise<void> {
    const rows = Array.from({ length: blockRows }, (_, i) => texts[Math.min(i, texts.length - 1)]);
    // What the texts of a block share must not decide its shape: they share their first token alone.
    const features = encodeBatch(weights, config.text, tokenizer.encode(rows), { longestPrefix: 1 }); // [blockRows, P]
    const values = await features.data() as Float32Array;
    features.dispose();
    texts.forEach((text, i) => cached.set(text, values.slice(i * P, (i + 1) * P)));
  }

  return {
    async features(texts) {
      const unique = [...new Set(texts)];
      const absent = () => unique.filter((text) => !cached.has(text));
      if (cached.size + absent().length > limit) cached.clear();
      for (const [length, same] of Map.groupBy(absent(), lengthOf)) {
        const wanted = new Set(same), free = limit - cached.size - same.length;
        const missing = (blockRows - same.length % blockRows) % blockRows;
        const more = fill(length, Math.min(missing, free)).filter((text) => !wanted.has(text));
        const all = [...same, ...more];
        for (let from = 0; from < all.length; from += blockRows) await encodeBlock(all.slice(from, from + blockRows));
      }
      const rows = new Float32Array(texts.length * P);
      texts.forEach((text, i) => rows.set(cached.get(text)!, i * P));
      return tf.tensor2d(rows, [texts.length, P]);
    },
  };
}

/**
 * Features of a frozen text encoder for training, those of recurring texts computed once.
 *
 * A feature must not depend on when it is computed, or a resumed run would differ from an unbroken one in its last
 * bits: matrix products of different shapes round differently, and so do different rows of one product. So a text that
 * is expected is always encoded in the same row of the same block of texts, whatever else is missing at the time, and
 * cached; any other is encoded anew by each call, together with the others of the call.
 */
import * as tf from "../tensors/tf.ts";
import { encodeBatch } from "./batch_encoder.ts";
import { encodeTexts } from "./encode.ts";
import type { Clip } from "./files/model_folder.ts";

/** The text features of one frozen CLIP. */
export interface FrozenTextFeatures {
  /**
   * Un-normalised features `[B, P]` of B texts without placeholder, encoded or from the cache.
   * @returns `[B, P]`, the caller's to dispose
   */
  features(texts: readonly string[]): Promise<tf.Tensor2D>;
}

/** Options of {@linkcode frozenTextFeatures}. */
export interface FrozenTextOptions {
  /** Texts that will be asked for some day, best in the order in which they will be; they are cached (default: none). */
  expected?: readonly string[];
}

/** Expected texts that are cached at most; more are not. At P = 768 they take 300 MB. */
export const mostCached = 100_000;

/** Rows of a block; one that no text fills repeats the last text. */
const blockRows = 16;

/**
 * Starts the features of a CLIP whose text tower does not change.
 *
 * @param clip a CLIP with its text tower loaded
 */
export function frozenTextFeatures(
  clip: Pick<Clip, "weights" | "config" | "tokenizer">,
  { expected = [] }: FrozenTextOptions = {},
): FrozenTextFeatures {
  const { weights, config, tokenizer } = clip;
  const P = config.projectionWidth;
  const cached = new Map<string, Float32Array>();
  let blocks: Map<string, readonly string[]> | undefined;

  /** The block of each expected text: texts of one length that follow each other. */
  function blocksOf(): Map<string, readonly string[]> {
    const found = new Map<string, readonly string[]>(), known = new Set(expected);
    const byLength = Map.groupBy(known.size > mostCached ? [] : known, (text) => tokenizer.encode([text]).length);
    for (const same of byLength.values()) {
      for (let from = 0; from < same.length; from += blockRows) {
        const block = same.slice(from, from + blockRows);
        for (const text of block) found.set(text, block);
      }
    }
    return found;
  }

  async function encodeBlock(texts: readonly string[]): Promise<void> {
    const rows = Array.from({ length: blockRows }, (_, i) => texts[Math.min(i, texts.length - 1)]);
    const features = encodeBatch(weights, config.text, tokenizer.encode(rows)); // [blockRows, P]
    const values = await features.data() as Float32Array;
    features.dispose();
    texts.forEach((text, i) => cached.set(text, values.slice(i * P, (i + 1) * P)));
  }

  return {
    async features(texts) {
      blocks ??= blocksOf();
      const unique = [...new Set(texts)], others = unique.filter((text) => !blocks!.has(text));
      const missing = unique.filter((text) => !cached.has(text)).map((text) => blocks!.get(text));
      for (const block of new Set(missing)) if (block) await encodeBlock(block);
      const encoded = await encodeTexts(clip, others); // [others, P]
      const values = await encoded.data();
      encoded.dispose();
      const rowOf = new Map(others.map((text, row) => [text, row]));
      const rows = new Float32Array(texts.length * P);
      texts.forEach((text, i) => {
        const row = rowOf.get(text);
        rows.set(row === undefined ? cached.get(text)! : values.subarray(row * P, (row + 1) * P), i * P);
      });
      return tf.tensor2d(rows, [texts.length, P]);
    },
  };
}

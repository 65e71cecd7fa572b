/**
 * Features of the frozen encoder, each text encoded once however often it recurs.
 *
 * A feature must not depend on when it was asked for, or a resumed run would differ from an unbroken one in its last
 * bits: matrix products of different shapes round differently. So texts are encoded in blocks of one shape, their own
 * length by a fixed number of rows, whatever else is missing at the time.
 */
import * as tf from "@tensorflow/tfjs";
import type { Clip } from "./model_folder.ts";
import { encodeText } from "./text_encoder.ts";

/** The memory of one frozen encoder. */
export interface FrozenTexts {
  /** Un-normalised features `[B, P]` of B texts without pseudo-word; the caller's to dispose. */
  features(texts: readonly string[]): Promise<tf.Tensor2D>;
}

/** Rows of a block; a block that is not full repeats its last text. */
const blockRows = 16;

/** @param limit most texts to remember; at 768 numbers a text, 100 000 are 300 MB */
export function frozenTexts(clip: Pick<Clip, "weights" | "config" | "tokenizer">, limit = 100_000): FrozenTexts {
  const { weights, config, tokenizer } = clip;
  const P = config.projectionWidth;
  const known = new Map<string, Float32Array>();

  async function encodeBlock(texts: readonly string[]): Promise<void> {
    const rows = Array.from({ length: blockRows }, (_, i) => texts[Math.min(i, texts.length - 1)]);
    const features = encodeText(weights, config.text, tokenizer.encode(rows)); // [blockRows, P]
    const values = await features.data() as Float32Array;
    features.dispose();
    texts.forEach((text, i) => known.set(text, values.slice(i * P, (i + 1) * P)));
  }

  return {
    async features(texts) {
      const wanted = [...new Set(texts)];
      if (known.size + wanted.length > limit) known.clear();
      const byLength = Map.groupBy(
        wanted.filter((text) => !known.has(text)),
        (text) => tokenizer.encode([text]).length,
      );
      for (const same of byLength.values()) {
        for (let from = 0; from < same.length; from += blockRows) await encodeBlock(same.slice(from, from + blockRows));
      }
      const rows = new Float32Array(texts.length * P);
      texts.forEach((text, i) => rows.set(known.get(text)!, i * P));
      return tf.tensor2d(rows, [texts.length, P]);
    },
  };
}

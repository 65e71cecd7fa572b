/** Features of the frozen encoder, each text encoded once however often it recurs. */
import * as tf from "@tensorflow/tfjs";
import type { Clip } from "../clip/model_folder.ts";
import { encodeText } from "../clip/text_encoder.ts";

/** The memory of one frozen encoder. */
export interface FrozenTexts {
  /** Un-normalised features `[B, P]` of B texts without pseudo-word; the caller's to dispose. */
  features(texts: readonly string[]): Promise<tf.Tensor2D>;
}

/** @param limit most texts to remember; at 768 numbers a text, 100 000 are 300 MB */
export function frozenTexts(clip: Pick<Clip, "weights" | "config" | "tokenizer">, limit = 100_000): FrozenTexts {
  const P = clip.config.projectionWidth;
  const known = new Map<string, Float32Array>();
  return {
    async features(texts) {
      const missing = [...new Set(texts)].filter((text) => !known.has(text));
      if (missing.length > 0) {
        if (known.size + missing.length > limit) known.clear();
        // Texts that were just forgotten are encoded again with the missing ones.
        const wanted = [...new Set(texts)].filter((text) => !known.has(text));
        const encoded = encodeText(clip.weights, clip.config.text, clip.tokenizer.encode(wanted)); // [M, P]
        const values = await encoded.data() as Float32Array;
        encoded.dispose();
        wanted.forEach((text, i) => known.set(text, values.slice(i * P, (i + 1) * P)));
      }
      const rows = new Float32Array(texts.length * P);
      texts.forEach((text, i) => rows.set(known.get(text)!, i * P));
      return tf.tensor2d(rows, [texts.length, P]);
    },
  };
}

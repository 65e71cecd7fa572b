/** A CLIP of any size with made weights and a phi, whose texts are words "w0" to "w99999", each one token. */
import { clipPreprocessing } from "../../lib/clip/images/preprocess.ts";
import type { Clip } from "../../lib/clip/files/model_folder.ts";
import type { ClipConfig, TextConfig } from "../../lib/clip/model/config.ts";
import { initialClip, textShapes } from "../../lib/clip/model/shapes.ts";
import { initialPhi, type Phi } from "../../lib/projection/phi.ts";
import { random } from "../../lib/tensors/random.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import type { Triplet } from "../../lib/triplets/triplet.ts";
import { batchOf } from "../clip/token_batch.ts";

/** Sizes of the text tower. */
export type MadeSizes = Pick<TextConfig, "width" | "layers" | "heads" | "vocabulary"> & Partial<TextConfig>;

/** Makes them on the backend in use; the caller disposes the weights. */
export function madeModel(sizes: MadeSizes): { clip: Clip; phi: Phi } {
  const tower = { activation: "quick_gelu", layerNormEps: 1e-5 } as const, { width } = sizes;
  const config: ClipConfig = {
    projectionWidth: width,
    text: { ...tower, mlpWidth: 4 * width, context: 77, pooling: { at: "first end of text", id: 1 }, ...sizes },
    vision: { ...tower, width: 8, layers: 1, heads: 1, mlpWidth: 8, imageSize: 8, patchSize: 8 },
  };
  const all = initialClip(config, random(1)), text = textShapes(config);
  const [weights, image]: Weights[] = [{}, {}];
  for (const [name, tensor] of Object.entries(all)) (Object.hasOwn(text, name) ? weights : image)[name] = tensor;
  disposeWeights(image);
  const phiWeights = initialPhi("gelu", { embedding: width, hiddenWidth: 4 * width, token: width }, random(2));
  return {
    clip: {
      config,
      weights,
      tokenizer: {
        encode: (texts) => batchOf(texts.map((text) => idsOf(text, sizes.vocabulary))),
        unknownWords: () => [],
        tokens: (text) => text.split(" "),
        json: {},
      },
      preprocessing: clipPreprocessing(8),
      hash: "made",
      identity: "made identity",
    },
    phi: { method: "made", input: "raw", provenance: {}, hash: "made", weights: phiWeights },
  };
}

/** Triplets with texts of 2 to `longest` words. */
export function madeTriplets(count: number, longest: number): Triplet[] {
  const rng = random(3), lengthOf = (i: number) => 2 + (i * 13) % (longest - 1);
  const text = (length: number) => Array.from({ length }, () => `w${rng.int(100_000)}`).join(" ");
  return Array.from({ length: count }, (_, i) => ({
    reference: text(lengthOf(i)),
    conditioning: text(lengthOf(i + 7)),
    target: text(lengthOf(i + 3)),
  }));
}

const words: Record<string, number> = { "[$]": 3, a: 4, photo: 5, of: 6, that: 7 };

function idsOf(text: string, vocabulary: number): number[] {
  const own = text.trim().split(/[\s,]+/).map((word) => words[word] ?? 8 + Number(word.slice(1)) % (vocabulary - 8));
  return [0, ...own, 1];
}

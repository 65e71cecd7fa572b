/**
 * Low-rank adaptation (LoRA, arXiv 2106.09685): a weight `W` of the attention becomes `W + alpha / rank * B A`, and A and
 * B alone are trained.
 *
 * Letters: D width of the text tower, r rank.
 */
import { textShapes } from "../clip/model/shapes.ts";
import type { ClipConfig } from "../clip/model/config.ts";
import type { Random } from "../tensors/random.ts";
import * as tf from "../tensors/tf.ts";
import { weight, type Weights } from "../tensors/weights.ts";

/** The choices of {@linkcode LoraChoice.matrices}. */
export const loraMatrices = ["qv", "qkvo"] as const;

/** How low-rank matrices are added to every layer. */
export interface LoraChoice {
  /** Rank of the product, a whole number from 1 (default 4). */
  rank: number;
  /** The product is multiplied by `alpha / rank`, above 0 (default: the rank, so that the factor is 1). */
  alpha: number;
  /** Which matrices of the attention get one: queries and values (default, as in most of the paper), or all four. */
  matrices: typeof loraMatrices[number];
}

/** Names of the layers that the letters of a choice stand for. */
const projections: Record<string, string> = { q: "q_proj", k: "k_proj", v: "v_proj", o: "out_proj" };

/** Returns the names of the weights that are adapted. @param layers number of the tower's layers */
export function adaptedNames({ matrices }: LoraChoice, layers: number): string[] {
  return Array.from(
    { length: layers },
    (_, layer) =>
      [...matrices].map((letter) => `text_model.encoder.layers.${layer}.self_attn.${projections[letter]}.weight`),
  ).flat();
}

/** Returns the shapes of A, `[r, in]`, and B, `[out, r]`, by name. @throws {Error} if the rank exceeds a weight's sides */
export function loraShapes(
  lora: LoraChoice,
  config: Pick<ClipConfig, "text" | "projectionWidth">,
): Record<string, number[]> {
  const shapes = textShapes(config);
  return Object.fromEntries(
    adaptedNames(lora, config.text.layers).flatMap((name) => {
      const [rows, columns] = shapes[name];
      if (lora.rank > Math.min(rows, columns)) {
        throw new Error(
          `Adding low-rank matrices failed: lora.rank is ${lora.rank}, and ${name} has ${rows} x ${columns}; choose a ` +
            "rank that is not above either, or train the weights themselves.",
        );
      }
      return [[partNames(name).a, [lora.rank, columns]], [partNames(name).b, [rows, lora.rank]]];
    }),
  );
}

/**
 * Draws A uniformly in +-1/sqrt(in), as the authors' library and PEFT do; B is zero, so that the encoder starts as it
 * was.
 *
 * @returns the tensors by name, the caller's to dispose
 */
export function initialLora(
  lora: LoraChoice,
  config: Pick<ClipConfig, "text" | "projectionWidth">,
  rng: Random,
): Weights {
  return Object.fromEntries(
    Object.entries(loraShapes(lora, config)).map(([name, shape]) => {
      if (name.endsWith(".lora_B")) return [name, tf.zeros(shape)];
      const [rows, columns] = shape, bound = 1 / Math.sqrt(columns);
      const values = Float32Array.from({ length: rows * columns }, () => bound * (2 * rng.uniform() - 1));
      return [name, tf.tensor(values, shape)];
    }),
  );
}

/**
 * Computes the adapted weights; differentiable with respect to A and B.
 *
 * @param weights the text tower's own, of which the adapted ones are read
 * @param parameters A and B, as `initialLora` names them
 * @returns the adapted weights alone, by name. They are kept, since the packed encoder's gradient reads them after the
 *   forward pass has freed what is not: the caller disposes them
 */
export function adaptedWeights(weights: Weights, parameters: Weights, lora: LoraChoice, layers: number): Weights {
  const scale = lora.alpha / lora.rank;
  return Object.fromEntries(
    adaptedNames(lora, layers).map((name) => {
      const { a, b } = partNames(name);
      const adapted = lowRankSum(weight(weights, name), weight(parameters, a), weight(parameters, b), scale);
      return [name, tf.keep(adapted)];
    }),
  );
}

/**
 * Computes `W + scale B A`, `[out, in]`. Its gradient is written out, since TensorFlow.js' own keeps W and the product.
 *
 * @param W `[out, in]`, constant
 * @param A `[r, in]`
 * @param B `[out, r]`
 */
function lowRankSum(W: tf.Tensor2D, A: tf.Tensor2D, B: tf.Tensor2D, scale: number): tf.Tensor2D {
  const sum = tf.customGrad((...args) => {
    const [A, B, save] = args as unknown as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    save([A, B]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const dW = dy as tf.Tensor2D, [A, B] = saved as tf.Tensor2D[];
      const dA = tf.mul(tf.matMul(B, dW, true, false), scale); // [r, in]
      const dB = tf.mul(tf.matMul(dW, A, false, true), scale); // [out, r]
      return [dA, dB];
    };
    return { value: tf.add(W, tf.matMul(B, tf.mul(A, scale) as tf.Tensor2D)), gradFunc }; // [out, in]
  });
  return sum(A, B) as tf.Tensor2D;
}

function partNames(name: string): { a: string; b: string } {
  const layer = name.slice(0, -".weight".length);
  return { a: `${layer}.lora_A`, b: `${layer}.lora_B` };
}

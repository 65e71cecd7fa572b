/** How far this library is from PyTorch and transformers on the golden CLIPs: measured here, judged by the test. */
import * as tf from "../../lib/tensors/tf.ts";
import { parseClipConfig } from "../../lib/clip/model/config.ts";
import { normaliseRows } from "../../lib/tensors/contrastive_losses.ts";
import { encodePixels } from "../../lib/clip/model/image_encoder.ts";
import { checkShapes } from "../../lib/clip/files/check_shapes.ts";
import { clipShapes, textShapes } from "../../lib/clip/model/shapes.ts";
import { batchEncoder, type EncodeBatch, type EncoderChoice } from "../../lib/clip/batch_encoder.ts";
import type { TokenBatch } from "../../lib/clip/model/tokenizer.ts";
import type { Weights } from "../../lib/tensors/weights.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import { applyPhi, type Phi } from "../../lib/projection/phi.ts";
import { rtdLoss } from "../../lib/rtd/loss.ts";
import { adamWDefaults, adamWState, adamWStep } from "../../lib/training/adamw.ts";
import { valueAndGradients } from "../../lib/tensors/gradients.ts";
import { type Golden, readGolden, relativeError, tensorOf } from "../golden.ts";
import { batchOf } from "./token_batch.ts";

/** The golden CLIPs; `tests/goldens/make_goldens.py` says what each varies. */
export const variants = ["quick_gelu", "gelu", "wide_text", "other_eps"];

/** What is compared, and the largest relative error that is allowed on every backend. */
export const tolerances = {
  // Sums of tens of 32-bit products in another order.
  "text features": 1e-5,
  "text features, pseudo-token injected": 1e-5,
  "image features": 1e-5,
  "RTD loss": 1e-5,
  "gradient of every text parameter": 1e-4,
  // Each step starts from the rounding of those before.
  "loss of five AdamW steps": 1e-4,
  "weights after five AdamW steps": 1e-3,
};

/** Largest relative error of each comparison. */
export type Parity = Record<keyof typeof tolerances, number>;

/** A golden CLIP's file. */
export interface GoldenClip {
  config: unknown;
  ids: number[][];
  end_at: number[];
  pseudo_id: number;
  word: Golden;
  /** An image, under the name that it has in the golden files. */
  picture: Golden;
  anchors: Golden;
  text_features: Golden;
  injected_features: Golden;
  image_features: Golden;
  loss: number;
  gradients: Record<string, Golden>;
  training: {
    phi: Record<string, Golden>;
    learning_rate: number;
    steps: (Record<"references" | "targets" | "composed" | "refined", number[][]> & { noise: Golden })[];
    losses: number[];
    end: Record<string, Golden>;
  };
}

/** The weights of a golden CLIP. */
export function goldenWeights(variant: string): Weights {
  const file = new URL(`../goldens/tiny_clip_${variant}.safetensors`, import.meta.url);
  const { arrays } = readSafetensors(Deno.readFileSync(file), variant);
  return Object.fromEntries(Object.entries(arrays).map(([key, { shape, values }]) => [key, tf.tensor(values, shape)]));
}

/** Compares one golden CLIP on the backend in use, its texts encoded in one of the two ways. */
export async function measureParity(variant: string, encoder: EncoderChoice): Promise<Parity> {
  const golden = readGolden<GoldenClip>(`tiny_clip_${variant}.json`);
  const config = parseClipConfig(golden.config, variant);
  const weights = goldenWeights(variant);
  checkShapes(
    Object.fromEntries(Object.entries(weights).map(([key, { shape }]) => [key, shape])),
    clipShapes(config),
    variant,
  );
  const ids = Int32Array.from(golden.ids.flat());
  const plain: TokenBatch = { ids, rows: 2, length: golden.ids[0].length, endAt: Int32Array.from(golden.end_at) };
  const injected = { ...plain, pseudoTokenMask: Float32Array.from(ids, (id) => id === golden.pseudo_id ? 1 : 0) };
  const pseudoTokens = tensorOf<tf.Tensor2D>(golden.word), anchors = tensorOf<tf.Tensor2D>(golden.anchors);
  const image = tensorOf<tf.Tensor4D>(golden.picture);
  const text = Object.fromEntries(Object.keys(textShapes(config)).map((key) => [key, weights[key]]));
  const encoderOf = (weights: Weights) => batchEncoder(weights, config.text, { encoder, trainable: () => true });
  const encode = encoderOf(weights);
  const { value, gradients } = valueAndGradients(
    (w) => rtdLoss(anchors, normaliseRows(encoderOf(w)(injected, { pseudoTokens })), 0.07),
    text,
  );
  const { losses, student } = await train(golden, encoderOf, weights, text);
  return {
    "text features": await relativeError(encode(plain), golden.text_features),
    "text features, pseudo-token injected": await relativeError(
      encode(injected, { pseudoTokens }),
      golden.injected_features,
    ),
    "image features": await relativeError(encodePixels(weights, config.vision, image), golden.image_features),
    "RTD loss": await relativeError(value, { shape: [], values: [golden.loss] }),
    "gradient of every text parameter": await largestError(gradients, golden.gradients),
    "loss of five AdamW steps": await relativeError(tf.tensor1d(losses), {
      shape: [5],
      values: golden.training.losses,
    }),
    "weights after five AdamW steps": await largestError(student, golden.training.end, false),
  };
}

/**
 * A key's bias moves every logit of a row alike, so its exact gradient is zero and what is found is rounding: it is
 * compared with the largest gradient of all, and, since AdamW divides it by its own size, its weight is not compared.
 */
async function largestError(found: Weights, golden: Record<string, Golden>, keyBias = true): Promise<number> {
  const names = Object.keys(golden);
  if (names.sort().join() !== Object.keys(found).sort().join()) throw new Error("The parameters' names differ.");
  const scale = Math.max(...Object.values(golden).flatMap(({ values }) => values.map(Math.abs)));
  let largest = 0;
  for (const name of names) {
    if (!name.endsWith("k_proj.bias")) largest = Math.max(largest, await relativeError(found[name], golden[name]));
    else if (keyBias) {
      largest = Math.max(
        largest,
        ...(await found[name].data()).map((g: number) => Math.abs(g) / scale),
      );
    }
  }
  return largest;
}

/** Five RTD steps from given ids and given noise. */
async function train(
  { training }: GoldenClip,
  encoderOf: (weights: Weights) => EncodeBatch,
  frozen: Weights,
  text: Weights,
): Promise<{ losses: number[]; student: Weights }> {
  const phi: Phi = {
    method: "golden",
    input: "raw",
    provenance: {},
    hash: "",
    weights: Object.fromEntries(Object.entries(training.phi).map(([name, golden]) => [name, tensorOf(golden)])),
  };
  const student = Object.fromEntries(Object.entries(text).map(([name, tensor]) => [name, tf.clone(tensor)]));
  const state = adamWState(student), losses: number[] = [];
  const options = { ...adamWDefaults, learningRate: training.learning_rate };
  for (const { references, targets, composed, refined, noise } of training.steps) {
    const encode = encoderOf(frozen);
    const [from, to] = [encode(batchOf(references)), encode(batchOf(targets))];
    const pseudoTokens = applyPhi(phi, tf.add(from, tensorOf<tf.Tensor2D>(noise)));
    const anchors = normaliseRows(tf.concat([to, from]) as tf.Tensor2D);
    const { value, gradients } = valueAndGradients((w) => {
      const queries = encoderOf(w)(batchOf(composed), { pseudoTokens, endings: batchOf(refined) });
      return rtdLoss(anchors, normaliseRows(queries), 0.07);
    }, student);
    losses.push((await value.data())[0]);
    adamWStep({ parameters: student, gradients, state, options });
  }
  return { losses, student };
}

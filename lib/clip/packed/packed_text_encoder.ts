/**
 * CLIP's text tower over packed texts: the features of `encodeTokens` (the readable tower, which this one is tested
 * against), in less time and memory.
 *
 * Besides the layout (packing.ts) it saves in two ways: the last layer is computed for the tokens that are read alone,
 * and the backward pass is written out, since TensorFlow.js' own keeps every intermediate and every gradient until the
 * end.
 *
 * Letters: R tokens of the stream, N texts, D width, V vocabulary, P width of the shared embedding.
 */
import * as tf from "../../tensors/tf.ts";
import { weight, type Weights } from "../../tensors/weights.ts";
import type { TextConfig } from "../model/config.ts";
import { layerNorm, standardise } from "../model/layer_norm.ts";
import { innerGroups, lastGroups } from "./attention.ts";
import { type Block, blockGradient, runBlock, scaled } from "./block.ts";
import type { Packing } from "./packing.ts";
import { linearGradient, normGradient, type WeightGradients } from "./weight_gradients.ts";

/** The texts, and the tower that encodes them. */
export interface PackedTask {
  /** The text tower's weights and its projection. */
  weights: Weights;
  /** The text tower's sizes. */
  config: TextConfig;
  /** The layout of the texts. */
  packing: Packing;
  /** `[B, D]`, needed if and only if the texts have placeholders. */
  pseudoTokens?: tf.Tensor2D;
}

/** What the gradient is wanted for. */
export interface GradientOptions {
  /** Whether a parameter is trained (default: all); the others cost no gradient. */
  trainable?: (name: string) => boolean;
  /** Whether the pseudo-tokens have a gradient (default); without it they are constants. */
  ofPseudoTokens?: boolean;
  /** Keeps each layer's input alone, and computes the rest again in the backward pass: less memory, more time. */
  recompute?: boolean;
}

const tokenTable = "text_model.embeddings.token_embedding.weight";
const positionTable = "text_model.embeddings.position_embedding.weight";
const finalNorm = "text_model.final_layer_norm";
const projection = "text_projection";

/**
 * Encodes packed texts; nothing is kept for a gradient.
 *
 * @returns `[N, P]`, un-normalised, one row a text; the caller disposes it
 * @throws {Error} if the texts and the pseudo-tokens do not go together
 */
export function encodePacked(task: PackedTask): tf.Tensor2D {
  checkPseudoTokens(task);
  return tf.tidy(() => {
    const { weights, config } = task;
    let x = embed(task); // [R, D], at last [N, D]
    for (const block of blocks(task)) {
      const { y, kept } = runBlock(block, x);
      tf.dispose([x, kept]);
      x = y;
    }
    const final = layerNorm(
      x,
      weight(weights, `${finalNorm}.weight`),
      weight(weights, `${finalNorm}.bias`),
      config.layerNormEps,
    ); // [N, D]
    return tf.gather(project(final, weights), order(task.packing)); // [N, P]
  });
}

/**
 * Encodes packed texts; differentiable with respect to the pseudo-tokens and to the parameters that are trained.
 *
 * @returns `[N, P]`, un-normalised, one row a text; the caller disposes it
 * @throws {Error} if the texts and the pseudo-tokens do not go together
 */
export function encodePackedForTraining(
  task: PackedTask,
  { trainable = () => true, ofPseudoTokens = true, recompute = false }: GradientOptions = {},
): tf.Tensor2D {
  checkPseudoTokens(task);
  const { weights, config, packing, pseudoTokens } = task;
  const trained = Object.keys(weights).filter((name) => isOfTower(name) && trainable(name));
  const variable = pseudoTokens && ofPseudoTokens ? [pseudoTokens] : [];
  const inputs = [...variable, ...trained.map((name) => weights[name])];
  if (inputs.length === 0) return encodePacked(task);
  // Below the lowest layer that has a trained parameter nothing is kept, and the gradient goes no further.
  const lowest = variable.length > 0 || trained.some((name) => name === tokenTable || name === positionTable)
    ? 0
    : Math.min(config.layers, ...trained.map((name) => Number(name.match(/\.layers\.(\d+)\./)?.[1] ?? config.layers)));

  const encode = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    let x = embed(task); // [R, D], at last [N, D]
    const kept: tf.Tensor[][] = [];
    for (const block of blocks(task)) {
      const output = runBlock(block, x);
      if (recompute || block.layer < lowest) tf.dispose(output.kept);
      if (block.layer >= lowest) kept.push(recompute ? [x] : output.kept);
      if (!recompute || block.layer < lowest) x.dispose();
      x = output.y;
    }
    const { unit, inverse } = standardise(x, config.layerNormEps); // [N, D], [N, 1]
    const final = scaled(unit, weights, finalNorm); // [N, D]
    const value = tf.gather(project(final, weights), order(packing)); // [N, P]
    const counts = kept.map(({ length }) => length);
    save([...kept.flat(), unit, inverse, final]);

    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [unit, inverse, final] = saved.slice(-3) as tf.Tensor2D[];
      const into: WeightGradients = { trainable, collected: {} };
      const dRead = tf.gather(dy as tf.Tensor2D, tf.tensor1d(packing.textOf, "int32")); // [N, P]
      const dFinal = linearGradient(dRead, () => final, weights, projection, into); // [N, D]
      let dx = normGradient(dFinal, unit, inverse, weights, finalNorm, into); // [N, D], then [R, D]
      tf.dispose([unit, inverse, final, dFinal, dRead]);
      let end = saved.length - 3;
      for (const block of blocks(task).toReversed()) {
        if (block.layer < lowest) break;
        const start = end - counts[block.layer - lowest];
        let ofBlock = saved.slice(start, end);
        if (recompute) {
          const { y, kept } = runBlock(block, ofBlock[0] as tf.Tensor2D);
          tf.dispose([y, ofBlock]);
          ofBlock = kept;
        }
        dx = blockGradient(block, dx, ofBlock, into);
        end = start;
      }
      if (lowest === 0) embedGradient(task, dx, into);
      const ofVariable = variable.map(() => pseudoTokenGradient(task, dx)); // [B, D]
      return [...ofVariable, ...trained.map((name) => into.collected[name])];
    };
    return { value, gradFunc };
  });
  return encode(...inputs) as tf.Tensor2D;
}

/** Whether a parameter is one of the text tower's, of those that a whole CLIP has. */
function isOfTower(name: string): boolean {
  return name.startsWith("text_model.") || name === `${projection}.weight`;
}

function checkPseudoTokens({ config, packing: { placeholders }, pseudoTokens }: PackedTask): void {
  if (!placeholders !== !pseudoTokens) {
    throw new Error(
      pseudoTokens
        ? "Encoding texts failed: pseudo-tokens were given and no text contains [$]."
        : "Encoding texts failed: the texts contain [$] and no pseudo-tokens were given.",
    );
  }
  if (!placeholders || !pseudoTokens) return;
  const B = 1 + Math.max(...placeholders.pseudoToken);
  if (pseudoTokens.shape[0] !== B || pseudoTokens.shape[1] !== config.width) {
    throw new Error(
      `Encoding texts failed: pseudoTokens is [${pseudoTokens.shape}], expected [B, D] = [${B}, ${config.width}].`,
    );
  }
}

/** The layers; the last one computes the tokens that are read. Masks are made anew, in the tidy of the caller. */
function blocks({ weights, config, packing }: PackedTask): Block[] {
  const inner = innerGroups(packing), last = lastGroups(packing);
  const reads = tf.tensor1d(packing.reads, "int32"); // [N]
  return Array.from({ length: config.layers }, (_, layer) => ({
    weights,
    config,
    tower: "text_model",
    layer,
    ...(layer < config.layers - 1 ? { groups: inner } : { groups: last, reads }),
  }));
}

/** The index of each text among the tokens that are read, `[N]`. */
function order({ textOf }: Packing): tf.Tensor1D {
  const index = new Int32Array(textOf.length);
  textOf.forEach((text, i) => index[text] = i);
  return tf.tensor1d(index, "int32");
}

function project(final: tf.Tensor2D, weights: Weights): tf.Tensor2D {
  return tf.matMul(final, weight<tf.Tensor2D>(weights, `${projection}.weight`), false, true); // [N, P]
}

/** Token and position embeddings of the stream, `[R, D]`; a pseudo-token stands for each placeholder's. */
function embed({ weights, packing, pseudoTokens }: PackedTask): tf.Tensor2D {
  const { ids, positions, placeholders } = packing;
  return tf.tidy(() => {
    const tokens = tf.gather(weight<tf.Tensor2D>(weights, tokenTable), tf.tensor1d(ids, "int32")); // [R, D]
    const places = tf.gather(weight<tf.Tensor2D>(weights, positionTable), tf.tensor1d(positions, "int32")); // [R, D]
    if (!placeholders) return tf.add(tokens, places);
    const rowOf = new Int32Array(ids.length);
    placeholders.at.forEach((at, i) => rowOf[at] = placeholders.pseudoToken[i]);
    const mask = placeholderMask(packing); // [R, 1]
    const kept = tf.mul(tokens, tf.sub(1, mask)); // [R, D]
    const replaced = tf.mul(tf.gather(pseudoTokens!, tf.tensor1d(rowOf, "int32")), mask); // [R, D]
    return tf.add(tf.add(kept, replaced), places);
  });
}

/** Collects the gradients of both tables from that of the embedded stream, `[R, D]`. */
function embedGradient(
  { weights, packing }: PackedTask,
  dx: tf.Tensor2D,
  { trainable, collected }: WeightGradients,
): void {
  const { ids, positions, placeholders } = packing;
  if (trainable(positionTable)) {
    const rows = weight<tf.Tensor2D>(weights, positionTable).shape[0];
    collected[positionTable] = tf.unsortedSegmentSum(dx, tf.tensor1d(positions, "int32"), rows); // [context, D]
  }
  if (trainable(tokenTable)) {
    const V = weight<tf.Tensor2D>(weights, tokenTable).shape[0];
    const ofTokens = placeholders ? tf.mul(dx, tf.sub(1, placeholderMask(packing))) : dx; // [R, D]
    collected[tokenTable] = tf.unsortedSegmentSum(ofTokens, tf.tensor1d(ids, "int32"), V); // [V, D]
  }
}

/** The gradient of the pseudo-tokens, `[B, D]`, from that of the embedded stream, `[R, D]`. */
function pseudoTokenGradient({ packing: { placeholders }, pseudoTokens }: PackedTask, dx: tf.Tensor2D): tf.Tensor2D {
  const atPlaceholders = tf.gather(dx, tf.tensor1d(placeholders!.at, "int32")); // [placeholders, D]
  const rows = tf.tensor1d(placeholders!.pseudoToken, "int32");
  return tf.unsortedSegmentSum(atPlaceholders, rows, pseudoTokens!.shape[0]); // [B, D]
}

/** `[R, 1]`: 1 at placeholders, else 0. */
function placeholderMask({ ids, placeholders }: Packing): tf.Tensor2D {
  const mask = new Float32Array(ids.length);
  placeholders!.at.forEach((at) => mask[at] = 1);
  return tf.tensor2d(mask, [ids.length, 1]);
}

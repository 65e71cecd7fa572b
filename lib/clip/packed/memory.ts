/**
 * How many bytes encoding packed texts and its gradient take at their highest point, from sizes alone.
 *
 * Memory climbs while the layers run, each keeping what its gradient needs, and is highest while the gradient goes back
 * through one of them: then what the layers below have kept, the gradients of those above, and what this one works with
 * are there together. What a layer keeps and works with is counted from block.ts and attention.ts, whose halves free
 * nothing before they end; a test compares the sum with what TensorFlow.js counts.
 *
 * Letters: R tokens of the stream, N of them read, D width, F width of the perceptron, H heads, P width of the shared
 * embedding; of one group B rows, T slots, Q queries a row, K keys. All counts are of numbers of 32 bits.
 */
import type { ClipConfig, TextConfig } from "../model/config.ts";
import { textShapes } from "../model/shapes.ts";
import type { Packing } from "./packing.ts";

/** What of a packing decides its memory: its lengths, not its texts. */
export type PackingSizes = Pick<Packing, "prefix" | "buckets" | "endingSlot">;

/** What is encoded in a step, and how. */
export interface PackedMemoryOptions {
  /** Sizes of the text tower and of the embedding. */
  config: Pick<ClipConfig, "text" | "projectionWidth">;
  /** One packing for each time that the loss encodes texts. */
  packings: readonly PackingSizes[];
  /** Whether a parameter is trained (default: all). */
  trainable?: (name: string) => boolean;
  /** Whether each layer keeps its input alone (default false). */
  recompute?: boolean;
  /** Whether keeping a tensor for the gradient copies it for a moment, as on WebAssembly (default false). */
  copying?: boolean;
}

/** Bytes at the highest point. */
export interface PackedMemory {
  /** What the encoding has kept for the gradient. */
  kept: number;
  /** The gradients of parameters that are there by then. */
  gradients: number;
  /** What one layer works with. */
  working: number;
}

/**
 * Predicts the highest point of encoding packed texts with their gradient; the weights themselves are not counted.
 */
export function predictPackedMemory(
  { config, packings, trainable = () => true, recompute = false, copying = false }: PackedMemoryOptions,
): PackedMemory {
  const { text } = config, { layers: L, width: D } = text;
  const gradients = gradientSizes(config, trainable);
  const lowestTrained = gradients.findIndex((size) => size > 0) - 1;
  const all = sum(gradients), from = (layer: number) => sum(gradients.slice(layer + 1));
  const towers = packings.map((packing) => towerOf(text, packing, lowestTrained));
  const keptBelow = ({ R, inner, last, lowest }: Tower, layer: number) => {
    const layers = Math.max(0, layer - lowest);
    if (recompute) return layers * R * D;
    return layers * kept(inner) + (layer === L && layers > 0 ? kept(last) - kept(inner) : 0);
  };

  let highest: PackedMemory = { kept: 0, gradients: 0, working: 0 };
  const consider = (point: PackedMemory) => {
    if (total(point) > total(highest)) highest = point;
  };
  // The gradient goes back through the encodings last to first. Each but the first to finish is added to what there is.
  towers.forEach((tower, i) => {
    const others = sum(towers.slice(0, i).map((other) => keptBelow(other, L)));
    const made = i < towers.length - 1 ? all : 0;
    if (copying) consider({ kept: others + 2 * keptBelow(tower, L), gradients: 0, working: 0 });
    for (let layer = L - 1; layer >= tower.lowest; layer--) {
      const block = layer === L - 1 ? tower.last : tower.inner;
      const below = others + keptBelow(tower, layer);
      const ofPerceptron = below + block.attention.kept + block.perceptron.kept;
      consider({ kept: ofPerceptron, gradients: made + from(layer + 1), working: block.perceptron.working });
      consider({ kept: below + block.attention.kept, gradients: made + from(layer), working: block.attention.working });
    }
    consider({ kept: others, gradients: made + all, working: tower.lowest === 0 ? 3 * tower.R * D : 0 });
  });
  return { kept: 4 * highest.kept, gradients: 4 * highest.gradients, working: 4 * highest.working };
}

/** Numbers in the gradients of the embeddings, then of each layer, then of what follows the last one. */
function gradientSizes(
  { text, projectionWidth }: PackedMemoryOptions["config"],
  trainable: (name: string) => boolean,
): number[] {
  const sizes = Array<number>(text.layers + 2).fill(0);
  for (const [name, shape] of Object.entries(textShapes({ text, projectionWidth }))) {
    if (!trainable(name)) continue;
    const layer = Number(name.match(/\.layers\.(\d+)\./)?.[1] ?? (name.includes(".embeddings.") ? -1 : text.layers));
    sizes[layer + 1] += shape.reduce((product, side) => product * side, 1);
  }
  return sizes;
}

/** Numbers that one half of a layer keeps for the gradient, and that its gradient works with. */
interface Half {
  kept: number;
  working: number;
}

interface Block {
  attention: Half;
  perceptron: Half;
}

interface Tower {
  R: number;
  /** The lowest layer that the gradient goes back to. */
  lowest: number;
  /** Every layer but the last. */
  inner: Block;
  last: Block;
}

/** @param trained the lowest layer with a trained parameter; -1: the embeddings */
function towerOf(
  text: TextConfig,
  { prefix, buckets, endingSlot }: PackingSizes,
  trained: number,
): Tower {
  const R = sum([prefix, ...buckets.map(({ rows, slots }) => rows * slots)]);
  const reads = endingSlot === undefined ? 1 : 2;
  const groups = buckets.map(({ rows, slots }) => ({ rows, slots, keys: prefix + slots }));
  const inner = groups.map((group) => ({ ...group, queries: group.slots }));
  if (prefix > 0) inner.push({ rows: 1, slots: prefix, keys: prefix, queries: prefix });
  return {
    R,
    lowest: Math.max(0, trained),
    inner: blockOf(text, R, inner),
    last: blockOf(text, R, groups.map((group) => ({ ...group, queries: reads }))),
  };
}

/** Counts one layer; the tokens whose output is wanted are the queries of its groups. */
function blockOf(
  { width: D, mlpWidth: F, heads: H, activation }: TextConfig,
  R: number,
  groups: readonly { rows: number; slots: number; keys: number; queries: number }[],
): Block {
  const N = sum(groups.map(({ rows, queries }) => rows * queries));
  const keys = sum(groups.map(({ rows, keys }) => rows * keys)),
    copies = keys - sum(groups.map(({ rows, slots }) => rows * slots));
  const shares = H * sum(groups.map(({ rows, queries, keys }) => rows * queries * keys));
  const masks = sum(groups.map(({ rows, queries, slots, keys }) => (N === R ? slots : rows * queries) * keys));
  // The tensors [., F] of an activation's gradient, that of its value among them.
  const ofActivation = { quick_gelu: 6, gelu: 9 }[activation];
  return {
    attention: {
      // unit, inverse, mixed, queries, keys and values, shares.
      kept: R * D + R + 2 * N * D + 2 * keys * D + shares,
      working: 9 * N * D + 19 * R * D + 2 * (keys + copies) * D + 4 * shares + masks + (N === R ? 0 : N + 2 * R) * D,
    },
    perceptron: {
      // unit, inverse, both parts of the activation.
      kept: N * D + N + 2 * N * F,
      working: 12 * N * D + ofActivation * N * F + masks,
    },
  };
}

function kept({ attention, perceptron }: Block): number {
  return attention.kept + perceptron.kept;
}

function total({ kept, gradients, working }: PackedMemory): number {
  return kept + gradients + working;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

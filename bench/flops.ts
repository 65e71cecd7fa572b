/**
 * Additions and multiplications of a step, those of matrix products: `2 m n k` for a product of `[m, k]` and `[k, n]`.
 * A step's gradient takes twice as many as its encoding. The optimizer, norms and activations are not counted.
 *
 * Letters: R tokens, N of them read, D width, F width of the perceptron, P width of the embedding.
 */
import type { TextConfig } from "../lib/clip/model/config.ts";
import type { Packing } from "../lib/clip/packed/packing.ts";

/** Operations of encoding `rows` texts padded to `length` tokens, every token in every layer. */
export function plainFlops(
  { width: D, mlpWidth: F, layers }: TextConfig,
  P: number,
  { rows, length }: { rows: number; length: number },
): number {
  const R = rows * length;
  const linear = 2 * R * (4 * D * D + 2 * D * F), attention = 4 * R * length * D;
  return layers * (linear + attention) + 2 * rows * D * P;
}

/** Operations of encoding packed texts, as `encodePacked` does: the last layer for the tokens that are read. */
export function packedFlops(
  { width: D, mlpWidth: F, layers }: TextConfig,
  P: number,
  { prefix, buckets, endingSlot }: Pick<Packing, "prefix" | "buckets" | "endingSlot">,
): number {
  const reads = endingSlot === undefined ? 1 : 2;
  const sum = (of: (bucket: Packing["buckets"][number]) => number) => buckets.reduce((sum, one) => sum + of(one), 0);
  const R = prefix + sum(({ rows, slots }) => rows * slots), N = sum(({ rows }) => reads * rows);
  const inner = 2 * R * (4 * D * D + 2 * D * F) +
    4 * D * (prefix * prefix + sum(({ rows, slots }) => rows * slots * (prefix + slots)));
  const last = 2 * R * 2 * D * D + 2 * N * (2 * D * D + 2 * D * F) +
    4 * D * sum(({ rows, slots }) => rows * reads * (prefix + slots));
  return (layers - 1) * inner + last + 2 * N * D * P;
}

/**
 * Multi-head attention over a packed stream, forward and backward: each row attends to the common prefix and to itself.
 *
 * Letters: R tokens of the stream, P of the prefix, D width, H heads, d = D/H; of one group B rows, T slots (keys),
 * Q queries a row, K = P + T keys in all.
 */
import * as tf from "../../tensors/tf.ts";
import type { Packing } from "./packing.ts";

/** Rows whose queries attend alike. */
export interface AttentionGroup {
  /** B. */
  rows: number;
  /** T, the slots of each row. */
  slots: number;
  /** Q, the queries of each row. */
  queries: number;
  /** Index in the stream of the first slot. */
  from: number;
  /** Index of the first query among all queries. */
  queryFrom: number;
  /** Tokens of the prefix that the rows see besides themselves: P, or 0 for the prefix itself. */
  prefix: number;
  /**
   * Added to the logits, `[Q, K]` or `[B, 1, Q, K]`: 0 where a query may look, else a large negative number; absent,
   * every query sees every key.
   */
  mask?: tf.Tensor;
}

/** Queries, keys and values of all tokens. */
export interface Projected {
  /** `[sum of B Q, D]`, scaled by `1 / sqrt(d)`. */
  q: tf.Tensor2D;
  /** `[R, D]`. */
  k: tf.Tensor2D;
  /** `[R, D]`. */
  v: tf.Tensor2D;
}

/** Tensors of a group that the backward pass needs: q, k, v and the attention's shares. */
export const keptPerGroup = 4;

/**
 * Computes what each query gathers.
 *
 * @param groups in the order of the queries
 * @returns `mixed` `[sum of B Q, D]`, and {@linkcode keptPerGroup} tensors a group
 */
export function attend(
  { q, k, v }: Projected,
  groups: readonly AttentionGroup[],
  H: number,
): { mixed: tf.Tensor2D; kept: tf.Tensor[] } {
  const kept: tf.Tensor[] = [], mixed: tf.Tensor2D[] = [];
  for (const { rows: B, slots: T, queries: Q, from, queryFrom, prefix: P, mask } of groups) {
    const keys = (x: tf.Tensor2D) => {
      const own = heads(x, from, B, T, H); // [B, H, T, d]
      if (P === 0) return own;
      // A product with ones copies the prefix for every row, several times faster than Tile on WebAssembly.
      const shared = tf.mul(heads(x, 0, 1, P, H), tf.ones([B, 1, 1, 1])) as tf.Tensor4D; // [B, H, P, d]
      return tf.concat([shared, own], 2); // [B, H, K, d]
    };
    const qHeads = heads(q, queryFrom, B, Q, H), kHeads = keys(k), vHeads = keys(v); // [B, H, Q, d], [B, H, K, d] twice
    const logits = tf.matMul(qHeads, kHeads, false, true); // [B, H, Q, K]
    const share = tf.softmax(mask ? tf.add(logits, mask) : logits); // [B, H, Q, K]
    mixed.push(flat(tf.matMul(share, vHeads) as tf.Tensor4D)); // [B Q, D]
    kept.push(qHeads, kHeads, vHeads, share);
  }
  return { mixed: joined(mixed), kept };
}

/**
 * Computes the gradients of {@linkcode attend} from that of `mixed`, `[sum of B Q, D]`.
 *
 * @param kept what `attend` returned for the same groups
 */
export function attendGradient(
  dMixed: tf.Tensor2D,
  kept: readonly tf.Tensor[],
  groups: readonly AttentionGroup[],
  H: number,
): Projected {
  const dq: tf.Tensor2D[] = [];
  const own: { from: number; dk: tf.Tensor2D; dv: tf.Tensor2D }[] = [];
  const shared: { dk: tf.Tensor2D; dv: tf.Tensor2D }[] = [];
  groups.forEach(({ rows: B, slots: T, queries: Q, from, queryFrom, prefix: P }, g) => {
    const [q, k, v, share] = kept.slice(g * keptPerGroup, (g + 1) * keptPerGroup) as tf.Tensor4D[];
    const dOut = heads(dMixed, queryFrom, B, Q, H); // [B, H, Q, d]
    const dShare = tf.matMul(dOut, v, false, true); // [B, H, Q, K]
    const along = tf.sum(tf.mul(dShare, share), 3, true); // [B, H, Q, 1]
    const dLogits = tf.mul(share, tf.sub(dShare, along)) as tf.Tensor4D; // [B, H, Q, K]
    dq.push(flat(tf.matMul(dLogits, k) as tf.Tensor4D)); // [B Q, D]
    const dk = tf.matMul(dLogits, q, true, false) as tf.Tensor4D; // [B, H, K, d]
    const dv = tf.matMul(share, dOut, true, false) as tf.Tensor4D; // [B, H, K, d]
    const ofOwn = (x: tf.Tensor4D) => flat(P === 0 ? x : tf.slice(x, [0, 0, P, 0], [B, H, T, -1])); // [B T, D]
    own.push({ from, dk: ofOwn(dk), dv: ofOwn(dv) });
    if (P === 0) return;
    const ofShared = (x: tf.Tensor4D) => flat(tf.sum(tf.slice(x, [0, 0, 0, 0], [B, H, P, -1]), 0, true) as tf.Tensor4D); // [P, D]
    shared.push({ dk: ofShared(dk), dv: ofShared(dv) });
  });
  // The stream begins with the prefix, whose keys every row has used; in the last layer it has no queries of its own.
  const whole = (of: "dk" | "dv") => {
    const ordered = own.toSorted((a, b) => a.from - b.from);
    const ofPrefix = [...(ordered[0].from === 0 ? [ordered.shift()!] : []), ...shared];
    const first = ofPrefix.length === 0 ? [] : [tf.addN(ofPrefix.map((part) => part[of])) as tf.Tensor2D]; // [P, D]
    return joined([...first, ...ordered.map((part) => part[of])]); // [R, D]
  };
  return { q: joined(dq), k: whole("dk"), v: whole("dv") };
}

/** The groups of an inner layer, whose tokens all are queries: the prefix, and each bucket. The caller disposes masks. */
export function innerGroups({ prefix: P, buckets, endingSlot }: Packing): AttentionGroup[] {
  const first = { rows: 1, slots: P, queries: P, from: 0, queryFrom: 0, prefix: 0 };
  return [
    ...(P === 0 ? [] : [{ ...first, mask: tf.tensor2d(rowMask(0, P), [P, P]) }]),
    ...buckets.map(({ rows, slots: T, from }) => ({
      rows,
      slots: T,
      queries: T,
      from,
      queryFrom: from,
      prefix: P,
      mask: tf.tensor2d(rowMask(P, T, endingSlot), [T, P + T]),
    })),
  ];
}

/** The groups of the last layer, whose queries are the tokens that are read. The caller disposes the masks. */
export function lastGroups({ prefix: P, buckets, endingSlot, reads }: Packing): AttentionGroup[] {
  const Q = endingSlot === undefined ? 1 : 2;
  return buckets.map(({ rows: B, slots: T, from, readFrom }) => {
    const every = rowMask(P, T, endingSlot), K = P + T;
    const mask = new Float32Array(B * Q * K);
    for (let i = 0; i < B * Q; i++) {
      const slot = (reads[readFrom + i] - from) % T;
      mask.set(every.subarray(slot * K, (slot + 1) * K), i * K);
    }
    const tensor = tf.tensor4d(mask, [B, 1, Q, K]);
    return { rows: B, slots: T, queries: Q, from, queryFrom: readFrom, prefix: P, mask: tensor };
  });
}

/** `[T, P + T]`: slot j sees the prefix and the slots up to j; the ending is seen by itself alone. */
function rowMask(P: number, T: number, endingSlot?: number): Float32Array {
  const mask = new Float32Array(T * (P + T)), hidden = -1e9; // infinity would make NaN
  for (let slot = 0; slot < T; slot++) {
    mask.fill(hidden, slot * (P + T) + P + slot + 1, (slot + 1) * (P + T));
    if (endingSlot !== undefined && slot > endingSlot) mask[slot * (P + T) + P + endingSlot] = hidden;
  }
  return mask;
}

/** Rows `from` to `from + B T` of `[., D]` as `[B, H, T, d]`. */
function heads(x: tf.Tensor2D, from: number, B: number, T: number, H: number): tf.Tensor4D {
  const D = x.shape[1];
  const rows = B * T === x.shape[0] ? x : tf.slice(x, [from, 0], [B * T, D]); // [B T, D]
  return tf.transpose(tf.reshape(rows, [B, T, H, D / H]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** `[B, H, T, d]` as `[B T, D]`. */
function flat(x: tf.Tensor4D): tf.Tensor2D {
  const [B, H, T, d] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [B * T, H * d]);
}

function joined(parts: tf.Tensor2D[]): tf.Tensor2D {
  return parts.length === 1 ? parts[0] : tf.concat(parts);
}

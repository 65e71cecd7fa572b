/** Counts the bytes of all tensors at their highest point. */
import * as tf from "../lib/tensors/tf.ts";

/** What is called of TensorFlow.js' engine. */
interface Engine {
  state: { tensorInfo: WeakMap<object, unknown> };
  trackTensor(tensor: { dataId: object; size: number }, backend: unknown): void;
  removeDataId(dataId: object, backend: unknown): void;
}

/** A running count. */
export interface TensorBytes {
  /** The highest count since the beginning or the last reset. */
  peak(): number;
  /** The count now, of what was made since the beginning. */
  now(): number;
  /** Starts the highest count anew. */
  reset(): void;
}

/**
 * Begins to count, from zero. TensorFlow.js' own `numBytes` counts the same numbers once for each tensor that has
 * them, a reshaped one or a clone, and only now; this counts them once, as they lie in memory.
 */
export function watchTensorBytes(): TensorBytes {
  const engine = tf.engine() as unknown as Engine, { trackTensor, removeDataId } = engine;
  const sizes = new WeakMap<object, number>();
  let now = 0, peak = 0;
  engine.trackTensor = (tensor, backend) => {
    if (!engine.state.tensorInfo.has(tensor.dataId)) {
      const size = 4 * tensor.size;
      sizes.set(tensor.dataId, size);
      now += size;
      peak = Math.max(peak, now);
    }
    trackTensor.call(engine, tensor, backend);
  };
  engine.removeDataId = (dataId, backend) => {
    now -= sizes.get(dataId) ?? 0;
    sizes.delete(dataId);
    removeDataId.call(engine, dataId, backend);
  };
  return { peak: () => peak, now: () => now, reset: () => void (peak = now) };
}

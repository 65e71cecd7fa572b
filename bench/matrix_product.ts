/** The best rate of matrix products on the device in use: what a step can be compared with. */
import * as tf from "../lib/tensors/tf.ts";

/** A measured product. */
export interface Product {
  /** Billions of additions and multiplications a second. */
  gigaflops: number;
  /** Side of the square matrices that were fastest. */
  side: number;
}

/** Measures square products of several sides, some times each, and returns the best. @param gpu larger ones */
export async function bestProduct(gpu: boolean, { repeats = 4 }: { repeats?: number } = {}): Promise<Product> {
  let best: Product = { gigaflops: 0, side: 0 };
  for (const side of gpu ? [2048, 4096, 8192] : tf.getBackend() === "tensorflow" ? [512, 1024, 2048] : [256, 512]) {
    const a = tf.randomUniform([side, side], -1, 1), b = tf.randomUniform([side, side], -1, 1);
    for (let i = 0; i <= repeats; i++) {
      const started = performance.now();
      const product = tf.matMul(a, b), number = tf.slice(product, [0, 0], [1, 1]);
      await number.data();
      const gigaflops = 2 * side ** 3 / (performance.now() - started) / 1e6;
      if (i > 0 && gigaflops > best.gigaflops) best = { gigaflops, side };
      tf.dispose([product, number]);
    }
    tf.dispose([a, b]);
  }
  return best;
}

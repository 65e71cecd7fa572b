/** The value of a loss and its gradient for every named parameter. */
import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../clip/weights.ts";

/**
 * @param loss computed from the parameters it is handed; everything else it uses is constant
 * @returns the caller's to dispose: `value` and each of `gradients`
 * @throws {Error} if the loss does not depend on one of the parameters
 */
export function valueAndGradients(
  loss: (parameters: Weights) => tf.Scalar,
  parameters: Weights,
): { value: tf.Scalar; gradients: Weights } {
  const names = Object.keys(parameters);
  const named = (tensors: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => loss(named(tensors)))(
    names.map((name) => parameters[name]),
  );
  return { value: value as tf.Scalar, gradients: named(grads) };
}

/**
 * Scales gradients so that their joint length is at most `most`, as `torch.nn.utils.clip_grad_norm_`.
 * The old tensors are freed.
 */
export function clipGradientNorm(gradients: Weights, most: number): Weights {
  const clipped = tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)) as tf.Scalar);
    const norm = tf.sqrt(tf.addN(squares));
    const factor = tf.minimum(tf.div(most, tf.add(norm, 1e-6)), 1);
    return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]));
  });
  tf.dispose(Object.values(gradients));
  return clipped;
}

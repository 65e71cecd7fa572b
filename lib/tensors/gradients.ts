/** Values and gradients of losses that depend on named parameters. */
import * as tf from "./tf.ts";
import type { Weights } from "./weights.ts";

/**
 * Computes a loss and its gradient with respect to every parameter.
 *
 * @param loss returns a scalar from the parameters that it receives; everything else that it reads is constant
 * @param parameters by name
 * @returns the loss, a scalar, and the gradients by name, each of its parameter's shape; the caller disposes them
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

/** Computes the joint Euclidean norm of all gradients, a scalar that the caller disposes. */
export function gradientNorm(gradients: Weights): tf.Scalar {
  return tf.tidy(() => {
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)) as tf.Scalar);
    return tf.sqrt(tf.addN(squares)) as tf.Scalar;
  });
}

/**
 * Scales gradients so that their joint Euclidean norm is at most `maxNorm`, as `torch.nn.utils.clip_grad_norm_` does.
 * The gradients passed in are disposed.
 *
 * @param maxNorm above 0
 * @returns the scaled gradients by name; the caller disposes them
 */
export function clipGradientNorm(gradients: Weights, maxNorm: number): Weights {
  const clipped = tf.tidy(() => {
    const norm = gradientNorm(gradients);
    const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]));
  });
  tf.dispose(Object.values(gradients));
  return clipped;
}

/**
 * AdamW as PyTorch's `torch.optim.AdamW` computes it: weight decay is decoupled from the gradient, and epsilon is added
 * after the bias correction of the square root.
 */
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";

/** Settings of AdamW; {@linkcode adamWDefaults} has PyTorch's defaults. */
export interface AdamWOptions {
  /** Learning rate, which a schedule may scale step by step; 1e-3 in PyTorch. */
  learningRate: number;
  /** Decay of the first moment; 0.9 in PyTorch. */
  beta1: number;
  /** Decay of the second moment; 0.999 in PyTorch. */
  beta2: number;
  /** Added to the denominator of the update; 1e-8 in PyTorch. */
  epsilon: number;
  /** Decoupled weight decay, multiplied by the learning rate; 0.01 in PyTorch. */
  weightDecay: number;
}

/** The defaults of `torch.optim.AdamW`. */
export const adamWDefaults: AdamWOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

/** State of AdamW between steps. */
export interface AdamWState {
  /** Number of steps taken. */
  step: number;
  /** First moment (mean of gradients) of every parameter, by name and of its shape. */
  first: Weights;
  /** Second moment (mean of squared gradients) of every parameter, by name and of its shape. */
  second: Weights;
}

/** Makes the state before the first step, with all moments zero; the caller disposes the moments. */
export function adamWState(parameters: Weights): AdamWState {
  const zeros = () =>
    Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tf.zerosLike(tensor))]));
  return { step: 0, first: zeros(), second: zeros() };
}

/**
 * Takes one step in place: the tensors in `parameters` and `state` are replaced, and the old ones are disposed.
 *
 * With g the gradient, t the step: `p <- p (1 - lr wd)`, `m <- b1 m + (1 - b1) g`, `v <- b2 v + (1 - b2) g^2`,
 * `p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.
 *
 * @param gradients of every parameter, by name; the caller disposes them
 * @param learningRate of this step, where a schedule changes it; by default that of `options`
 * @param decays whether weight decay applies to a parameter; by default, as in PyTorch and in RTD's recipe, to all
 * @throws {Error} if a parameter has no gradient
 */
export function adamWStep(
  parameters: Weights,
  gradients: Weights,
  state: AdamWState,
  options: AdamWOptions,
  learningRate: number = options.learningRate,
  decays: (name: string) => boolean = () => true,
): void {
  const { beta1, beta2, epsilon, weightDecay } = options;
  state.step++;
  const stepSize = learningRate / (1 - beta1 ** state.step);
  const rootCorrection = Math.sqrt(1 - beta2 ** state.step);
  for (const name of Object.keys(parameters)) {
    const p = parameters[name], g = gradients[name];
    if (!g) {
      throw new Error(`Stepping AdamW failed: the parameter "${name}" has no gradient; does the loss depend on it?`);
    }
    const [newP, newM, newV] = tf.tidy(() => {
      const m = tf.add(tf.mul(state.first[name], beta1), tf.mul(g, 1 - beta1));
      const v = tf.add(tf.mul(state.second[name], beta2), tf.mul(tf.square(g), 1 - beta2));
      const denominator = tf.add(tf.div(tf.sqrt(v), rootCorrection), epsilon);
      const decayed = weightDecay !== 0 && decays(name) ? tf.mul(p, 1 - learningRate * weightDecay) : p;
      return [tf.sub(decayed, tf.mul(tf.div(m, denominator), stepSize)), m, v];
    });
    tf.dispose([p, state.first[name], state.second[name]]);
    parameters[name] = tf.keep(newP);
    state.first[name] = tf.keep(newM);
    state.second[name] = tf.keep(newV);
  }
}

/** AdamW as PyTorch defines it (`torch.optim.AdamW`): decoupled weight decay, epsilon outside the square root's bias. */
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";

/** Settings. The defaults are PyTorch's. */
export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/** PyTorch's defaults. */
export const adamWDefaults: AdamWOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

/** Both moments of every parameter, and how many steps were taken. */
export interface AdamWState {
  step: number;
  first: Weights;
  second: Weights;
}

/** Moments at zero. */
export function adamWState(parameters: Weights): AdamWState {
  const zeros = () =>
    Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, tf.keep(tf.zerosLike(tensor))]));
  return { step: 0, first: zeros(), second: zeros() };
}

/**
 * One step, in place: the tensors in `parameters` and `state` are replaced and the old ones freed.
 *
 * With g the gradient, t the step: `p <- p (1 - lr wd)`, `m <- b1 m + (1 - b1) g`, `v <- b2 v + (1 - b2) g^2`,
 * `p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.
 *
 * @param learningRate of this step; schedules live outside
 * @param decays whether a parameter is decayed; PyTorch's default, and the published recipe's, is all of them
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
    if (!g) throw new Error(`Stepping AdamW failed: the parameter "${name}" has no gradient.`);
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

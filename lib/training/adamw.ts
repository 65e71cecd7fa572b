/**
 * AdamW as PyTorch's `torch.optim.AdamW` computes it: weight decay is decoupled from the gradient, and epsilon is added
 * after the bias correction of the square root.
 */
import { type AdamNumbers, type AdamUpdates, tensorflowAdam } from "../backend/tensorflow_adam.ts";
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
  /**
   * What decays: "all" parameters (the default, as in PyTorch and in RTD's recipe), or the "matrices" alone, which spares
   * biases, the gains of norms and scalars, as Pic2Word and CLIP's own training do by parameter groups.
   */
  decay?: "all" | "matrices";
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

/** What a step of AdamW is taken with. */
export interface AdamWStepOptions {
  /** The parameters, by name. */
  parameters: Weights;
  /** The gradient of every parameter, by name and of its shape; the caller disposes them. */
  gradients: Weights;
  /** The state that {@linkcode adamWState} made for the parameters. */
  state: AdamWState;
  /** AdamW's settings. */
  options: AdamWOptions;
  /** Learning rate of this step, where a schedule changes it; by default that of `options`. */
  learningRate?: number;
  /** Whether weight decay applies to a parameter; by default to all. It applies to none that `options.decay` spares. */
  decays?: (name: string) => boolean;
}

/**
 * Takes one step in place: the tensors in `parameters` and `state` are replaced, and the old ones are disposed.
 *
 * With g the gradient, t the step: `p <- p (1 - lr wd)`, `m <- b1 m + (1 - b1) g`, `v <- b2 v + (1 - b2) g^2`,
 * `p <- p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.
 *
 * @throws {Error} if a parameter has no gradient of its shape; nothing is changed then
 *
 * @example
 * ```ts
 * import { tf, useDevice } from "@rtd/toolkit";
 * import { adamWDefaults, adamWState, adamWStep } from "@rtd/toolkit/training";
 *
 * await useDevice("wasm");
 * const parameters = { a: tf.tensor1d([1, 2]) }, gradients = { a: tf.tensor1d([0.5, -4]) };
 * const state = adamWState(parameters);
 * adamWStep({ parameters, gradients, state, options: adamWDefaults });
 * console.log(await parameters.a.data(), state.step); // about 0.999 and 2.001: a first step is as long as its rate; 1
 * ```
 */
export function adamWStep(
  { parameters, gradients, state, options, learningRate = options.learningRate, decays = () => true }: AdamWStepOptions,
): void {
  requireGradients(parameters, gradients);
  const { weightDecay, decay = "all" } = options, step = ++state.step;
  tf.tidy(() => {
    using adam = (tf.getBackend() === "tensorflow" ? tensorflowAdam : formulaAdam)({ ...options, step, learningRate });
    const kept = tf.scalar(1 - learningRate * weightDecay);
    for (const name of Object.keys(parameters)) {
      if (weightDecay !== 0 && (decay === "all" || parameters[name].rank > 1) && decays(name)) {
        const decayed = tf.keep(tf.mul(parameters[name], kept));
        parameters[name].dispose();
        parameters[name] = decayed;
      }
      const { parameter, first, second } = adam.update(
        { parameter: parameters[name], first: state.first[name], second: state.second[name] },
        gradients[name],
      );
      parameters[name] = parameter;
      state.first[name] = first;
      state.second[name] = second;
    }
  });
}

/** Adam by its formula, for the backends without an operation for it. */
function formulaAdam({ step, learningRate, beta1, beta2, epsilon }: AdamNumbers): AdamUpdates {
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = Math.sqrt(1 - beta2 ** step);
  return {
    update: (old, g) => {
      const [parameter, first, second] = tf.tidy(() => {
        const m = tf.add(tf.mul(old.first, beta1), tf.mul(g, 1 - beta1));
        const v = tf.add(tf.mul(old.second, beta2), tf.mul(tf.square(g), 1 - beta2));
        const denominator = tf.add(tf.div(tf.sqrt(v), rootCorrection), epsilon);
        return [tf.sub(old.parameter, tf.mul(tf.div(m, denominator), stepSize)), m, v].map(tf.keep);
      });
      tf.dispose([old.parameter, old.first, old.second]);
      return { parameter, first, second };
    },
    [Symbol.dispose]: () => {},
  };
}

function requireGradients(parameters: Weights, gradients: Weights): void {
  const faults = Object.entries(parameters).flatMap(([name, { shape }]) => {
    const gradient = gradients[name];
    if (!gradient) return [`"${name}" has no gradient`];
    return gradient.shape.join() === shape.join() ? [] : [`"${name}" is [${shape}], its gradient [${gradient.shape}]`];
  });
  if (faults.length === 0) return;
  throw new Error(`Stepping AdamW failed: ${faults.join("; ")}; does the loss depend on every parameter?`);
}

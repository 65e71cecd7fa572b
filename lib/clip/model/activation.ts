/** The two activations of CLIP's perceptrons, each with its own gradient. */
import * as tf from "../../tensors/tf.ts";

/** An activation, elementwise on any shape, in the parts that a hand-written gradient needs. */
export interface Activation {
  /** Returns two tensors of the shape of `x`, from which the value and the gradient are computed. */
  parts(x: tf.Tensor): [tf.Tensor, tf.Tensor];
  /** Returns the value. */
  value(parts: readonly tf.Tensor[]): tf.Tensor;
  /** Returns the gradient with respect to `x` from that of the value. */
  gradient(dy: tf.Tensor, parts: readonly tf.Tensor[]): tf.Tensor;
}

/** The activations by the name in `config.json`. */
export const activations: Record<"quick_gelu" | "gelu", Activation> = {
  // x g with g = sigmoid(1.702 x); its derivative is g + 1.702 x g (1 - g), and x g is the value.
  quick_gelu: {
    parts(x) {
      const gate = tf.sigmoid(tf.mul(x, 1.702));
      return [gate, tf.mul(x, gate)];
    },
    value: ([, value]) => value,
    gradient: (dy, [gate, value]) => tf.mul(dy, tf.add(gate, tf.mul(tf.mul(value, 1.702), tf.sub(1, gate)))),
  },
  // x Phi(x); its derivative is Phi(x) + x times the normal density.
  gelu: {
    parts: (x) => [x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)],
    value: ([x, cdf]) => tf.mul(x, cdf),
    gradient(dy, [x, cdf]) {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(cdf, tf.mul(x, density)));
    },
  },
};

/** The activation `x * sigmoid(1.702 x)` of OpenAI's models. Any shape. */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  return differentiable(activations.quick_gelu, x);
}

/** The activation `x * Phi(x)` of LAION's H and G models and of phi, as `torch.nn.GELU()`. Any shape. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return differentiable(activations.gelu, x);
}

function differentiable({ parts, value, gradient }: Activation, x: tf.Tensor): tf.Tensor {
  return tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const made = parts(x);
    save(made);
    return { value: value(made), gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved) };
  })(x);
}

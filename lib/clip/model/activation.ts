/** The two activations of CLIP's perceptrons, each with its own gradient. */
import * as tf from "../../tensors/tf.ts";

/** The activation `x * sigmoid(1.702 x)` of OpenAI's models. Any shape. */
export function quickGelu(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const gate = tf.sigmoid(tf.mul(x, 1.702));
    const value = tf.mul(x, gate);
    save([gate, value]);
    // d/dx x g(1.702 x) = g + 1.702 x g (1 - g), and x g is the value.
    const gradFunc = (dy: tf.Tensor, [gate, value]: tf.Tensor[]) =>
      tf.mul(dy, tf.add(gate, tf.mul(tf.mul(value, 1.702), tf.sub(1, gate))));
    return { value, gradFunc };
  })(x);
}

/** The activation `x * Phi(x)` of LAION's H and G models and of phi, as `torch.nn.GELU()`. Any shape. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const cdf = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    save([x, cdf]);
    // d/dx x Phi(x) = Phi(x) + x times the normal density.
    const gradFunc = (dy: tf.Tensor, [x, cdf]: tf.Tensor[]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(cdf, tf.mul(x, density)));
    };
    return { value: tf.mul(x, cdf), gradFunc };
  })(x);
}

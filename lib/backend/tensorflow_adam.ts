/**
 * Adam as one operation of TensorFlow a parameter, in place: `ResourceApplyAdam`.
 *
 * It works on resource variables. A tensor becomes one for the time of an update and a tensor again, and neither way
 * copies: assigning and reading share the buffer. The operation itself copies a buffer that anything else still holds,
 * so a clone of a tensor, and the JavaScript array that it was made from, keep their values.
 */
import * as tf from "../tensors/tf.ts";

/** What one update replaces: a parameter with its moments, all of one shape. */
export interface AdamTensors {
  /** The parameter. */
  parameter: tf.Tensor;
  /** Mean of its gradients. */
  first: tf.Tensor;
  /** Mean of its squared gradients. */
  second: tf.Tensor;
}

/** The numbers of a step of Adam. */
export interface AdamNumbers {
  /** Number of the step, from 1. */
  step: number;
  /** Learning rate of this step. */
  learningRate: number;
  /** Decay of the first moment. */
  beta1: number;
  /** Decay of the second moment. */
  beta2: number;
  /** Added to the root of the second moment after its bias correction. */
  epsilon: number;
}

/** Updates the parameters of one step. */
export interface AdamUpdates {
  /** Updates a parameter and its moments; the tensors passed in are disposed, those returned are kept. */
  update(tensors: AdamTensors, gradient: tf.Tensor): AdamTensors;
  /** Frees what all updates share. */
  [Symbol.dispose](): void;
}

/** What is called of tfjs-node's backend, which has no type that Deno could read. */
interface NativeBackend {
  binding: Record<"TF_FLOAT" | "TF_ATTR_TYPE" | "TF_ATTR_STRING" | "TF_ATTR_SHAPE", number>;
  executeMultipleOutputs(name: string, attributes: unknown[], inputs: tf.Tensor[], outputs: number): tf.Tensor[];
}

/** Begins a step of Adam, without weight decay, on the native backend, which must be the one in use. */
export function tensorflowAdam({ step, learningRate, beta1, beta2, epsilon }: AdamNumbers): AdamUpdates {
  const backend = tf.backend() as unknown as NativeBackend, { binding } = backend;
  const type = (name: string) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT });
  const variable = (name: string) =>
    backend.executeMultipleOutputs(
      "VarHandleOp",
      [
        type("dtype"),
        // Required and not looked at: what is assigned has its own shape.
        { name: "shape", type: binding.TF_ATTR_SHAPE, value: [] },
        { name: "shared_name", type: binding.TF_ATTR_STRING, value: name },
      ],
      [],
      1,
    )[0];
  const assign = (handle: tf.Tensor, value: tf.Tensor) =>
    backend.executeMultipleOutputs("AssignVariableOp", [type("dtype")], [handle, value], 0);
  const read = (handle: tf.Tensor) =>
    tf.keep(backend.executeMultipleOutputs("ReadVariableOp", [type("dtype")], [handle], 1)[0]);

  // The operation's own bias correction is in 32 bits and leaves epsilon out; with both powers of beta 0 there is none.
  const root = Math.sqrt(biasCorrection(beta2, step));
  const zero = tf.scalar(0), rate = tf.scalar(learningRate * root / biasCorrection(beta1, step));
  const [b1, b2, addend] = [tf.scalar(beta1), tf.scalar(beta2), tf.scalar(epsilon * root)];
  const handles = ["adam/parameter", "adam/first", "adam/second"].map(variable);
  return {
    update: ({ parameter, first, second }, gradient) => {
      [parameter, first, second].forEach((tensor, i) => assign(handles[i], tensor));
      // The variables are now the only holders of the buffers.
      tf.dispose([parameter, first, second]);
      const inputs = [...handles, zero, zero, rate, b1, b2, addend, gradient];
      backend.executeMultipleOutputs("ResourceApplyAdam", [type("T")], inputs, 0);
      const [newParameter, newFirst, newSecond] = handles.map(read);
      return { parameter: newParameter, first: newFirst, second: newSecond };
    },
    [Symbol.dispose]: () => {
      for (const handle of handles) backend.executeMultipleOutputs("DestroyResourceOp", [], [handle], 0);
      tf.dispose([...handles, zero, rate, b1, b2, addend]);
    },
  };
}

/**
 * Returns what a moment is divided by: 1 - beta^t, times what the operation's 1 - beta is off, which it takes in 32
 * bits (1.3e-5 of itself at 0.999).
 */
function biasCorrection(beta: number, step: number): number {
  return (1 - beta ** step) * (1 - Math.fround(beta)) / (1 - beta);
}

/** The name of the backend in use, for what is keyed by the device that computed it. */
import * as tf from "../tensors/tf.ts";

/**
 * Returns the name of TensorFlow.js' backend, followed by ", GPU" where TensorFlow says that it computes on one:
 * features of its CPU and of its GPU differ in their last bits.
 */
export function backendName(): string {
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  return isUsingGpuDevice ? `${tf.getBackend()}, GPU` : tf.getBackend();
}

/** Computes one product on the device named on the command line, and says what the device is. */
import * as tf from "../lib/tensors/tf.ts";
import { describeDevice, useDevice } from "../lib/backend/device.ts";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { fail } from "../cli/options.ts";

try {
  const device = await useDevice((Deno.args[0] ?? "auto") as DeviceChoice);
  const [product] = await tf.matMul(tf.tensor2d([[2, 3]]), tf.tensor2d([[4], [5]])).data();
  if (product !== 23) throw new Error(`The device computes 2 x 4 + 3 x 5 = ${product}.`);
  console.log(`works: ${describeDevice(device)}`);
} catch (error) {
  fail(error);
}

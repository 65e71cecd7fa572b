/** Computes one product on the device named on the command line, and says what the device is. */
import { command, runCommand } from "../cli/command.ts";
import { choice } from "../cli/options.ts";
import { describeDevice, useDevice } from "../lib/backend/device.ts";
import { deviceChoices } from "../lib/backend/device_choice.ts";
import * as tf from "../lib/tensors/tf.ts";

const tryDevice = command("try-device", "Computes one product on a device.", ["deno run -A scripts/try_device.ts wasm"])
  .argument("[device]", deviceChoices.join(", "), choice(deviceChoices), "auto");

await runCommand(tryDevice, async (_options, [name]) => {
  const device = await useDevice(name);
  const [product] = await tf.matMul(tf.tensor2d([[2, 3]]), tf.tensor2d([[4], [5]])).data();
  if (product !== 23) throw new Error(`The device computes 2 x 4 + 3 x 5 = ${product}.`);
  console.log(`works: ${describeDevice(device)}`);
});

/** Compares golden CLIPs with PyTorch's figures on one device, and prints JSON: `parity_worker.ts DEVICE [VARIANTS]`. */
import { describeDevice, useDevice } from "../../lib/backend/device.ts";
import type { DeviceChoice } from "../../lib/backend/device_choice.ts";
import { encoderChoices } from "../../lib/clip/batch_encoder.ts";
import { measureParity, type Parity, tolerances, variants } from "../../tests/clip/parity.ts";

/** What is printed. */
export interface ParityResult {
  device: string;
  gpu: boolean;
  /** For each comparison the largest relative error and the one that is allowed. */
  errors: { what: string; largest: number; allowed: number }[];
}

if (import.meta.main) {
  const [choice, asked] = Deno.args, device = await useDevice(choice as DeviceChoice);
  const measured: Parity[] = [];
  for (const variant of asked?.split(",") ?? variants) {
    for (const encoder of asked ? ["packed" as const] : encoderChoices) {
      measured.push(await measureParity(variant, encoder));
    }
  }
  const errors = Object.entries(tolerances).map(([what, allowed]) => ({
    what,
    largest: Math.max(...measured.map((one) => one[what as keyof Parity])),
    allowed,
  }));
  console.log(JSON.stringify({ device: describeDevice(device), gpu: device.gpu, errors } satisfies ParityResult));
  Deno.exit(0);
}

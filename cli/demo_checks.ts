/** The checks of `deno task demo`, all of them before anything is computed. */
import type { Device } from "../lib/backend/device.ts";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { checkWritable, checkWritableFile } from "../lib/io/check_writable.ts";
import { checkCheckpoint } from "./check_checkpoint.ts";
import { faults } from "./faults.ts";
import type { Session } from "./session.ts";

/** The device, and where the files go. */
export interface DemoFiles {
  device: Device;
  out: string;
  json: string;
  checkpoint: string;
}

/** Checks the device, the output folders and the checkpoint. @throws {Error} naming all faults */
export async function checkDemo(
  { device: choice, out = "results/demo", json = `${out}/result.json`, save, resume }: {
    device: DeviceChoice;
    out?: string;
    json?: string;
    save?: string;
    resume?: boolean;
  },
  session: Session,
): Promise<DemoFiles> {
  const found = faults(), checkpoint = `${out}/checkpoint.safetensors`;
  const device = await found.check("Selecting the device", () => session.device(choice));
  await found.check(`Writing into ${out}`, () => checkWritable(out));
  await found.check(`Writing ${json}`, () => checkWritableFile(json));
  if (save) await found.check(`Writing into ${save}`, () => checkWritable(save));
  if (resume) await found.check(`Reading ${checkpoint}`, () => checkCheckpoint(checkpoint));
  found.throwIfAny("The demo");
  return { device: device!, out, json, checkpoint };
}

/** The checks of `deno task serve`, all of them before anything is computed. */
import type { Device } from "../lib/backend/device.ts";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { isFolder } from "../lib/io/read_file.ts";
import { readHeader } from "../lib/search/index_buckets.ts";
import { type Faults, faults } from "./faults.ts";
import { checkModels } from "./models.ts";
import type { Session } from "./session.ts";

/** What is served, with what, and where. */
export interface ServeTask {
  /** The index's folder; absent: the embedded drawings. */
  index?: string;
  /** Folder of the CLIP. */
  clip?: string;
  /** File of phi. */
  phi?: string;
  /** A fine-tuned text encoder. */
  textEncoder?: string;
  /** Where the images are now. */
  images?: string;
  /** Port of the page. */
  port: number;
  /** Address at which it listens. */
  bind: string;
  /** Further names that it answers to. */
  name?: string[];
  /** Whether images are fetched from addresses. */
  addresses?: boolean;
  /** What computes. */
  device: DeviceChoice;
}

/** Checks the device, the index and its models, and whether the page may listen. @throws {Error} naming all faults */
export async function checkServe(task: ServeTask, session: Session): Promise<Device> {
  const found = faults(), { index, clip, phi, textEncoder, images } = task;
  const device = await found.check("Selecting the device", () => session.device(task.device));
  if (index === undefined) {
    const named = Object.entries({ clip, phi, "text-encoder": textEncoder, images })
      .filter(([, value]) => value !== undefined).map(([name]) => `--${name}`);
    if (named.length > 0) {
      found.add(`${named.join(", ")}: these belong to an index; name its folder, which "deno task index" makes.`);
    }
  } else {
    const header = await found.check(`Reading ${index}`, () => readHeader(index));
    const folder = images ?? header?.folder;
    if (folder !== undefined && !isFolder(folder)) {
      found.add(`There is no folder ${folder}; --images says where the images of the index are.`);
    }
    if (clip === undefined) found.add("An index needs --clip, the folder of the CLIP that it was made with.");
    else await checkModels(found, { clip, phi, textEncoder });
  }
  await checkListening(found, task);
  found.throwIfAny("Serving the page");
  return device!;
}

/** Checks that the command may listen at an address; that it is free is seen when it does. */
async function checkListening(found: Faults, { bind, port }: ServeTask): Promise<void> {
  const host = bind.includes(":") ? `[${bind}]` : bind;
  if (!URL.canParse(`http://${host}/`)) return found.add(`--bind "${bind}" is not an address of a machine.`);
  const { state } = await Deno.permissions.query({ name: "net", host: `${host}:${port}` });
  if (state !== "granted") {
    found.add(
      `The task may listen at 127.0.0.1 only, so that nobody else reaches the page. To listen at ${bind}, run its ` +
        `command of deno.json with --allow-net=${bind} instead of --allow-net=127.0.0.1.`,
    );
  }
}

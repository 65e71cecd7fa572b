import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describeDevice, useDevice } from "../../lib/backend/device.ts";
import { filePath } from "../../lib/io/path.ts";

const lib = new URL("../../lib/", import.meta.url);

Deno.test("describeDevice: a device is named in full; useDevice: an unknown one is refused by name", async () => {
  const device = await useDevice("wasm");
  assertEquals(
    describeDevice(device),
    "device wasm (WebAssembly with SIMD, one thread; GPU not in use; requested)",
  );
  await assertRejects(
    () => useDevice("cuda" as never),
    Error,
    'Selecting the device "cuda" failed: choose one of auto, tensorflow, webgpu, wasm.',
  );
  assertEquals(await useDevice("auto"), device);
});

/** What a script prints that runs in a process of its own: a device, once chosen, cannot be given back. */
async function printedBy(script: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, script);
  const config = filePath(new URL("../../deno.json", import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", config, file],
    stderr: "null",
  }).output();
  await Deno.remove(file);
  return new TextDecoder().decode(stdout);
}

Deno.test("useDevice: a device that is not there is an error that says how to get it", async () => {
  // A copy of the library's lower rooms, as of a checkout that has no add-on; then one whose receipt is damaged.
  const folder = await Deno.makeTempDir();
  for (const room of ["backend", "io", "tensors"]) {
    await Deno.mkdir(`${folder}/lib/${room}`, { recursive: true });
    for (const { name, isFile } of Deno.readDirSync(new URL(`${room}/`, lib))) {
      if (isFile) await Deno.copyFile(new URL(`${room}/${name}`, lib), `${folder}/lib/${room}/${name}`);
    }
  }
  const printed = await printedBy(`
    import { describeDevice, useDevice } from "file://${folder}/lib/backend/device.ts";
    await useDevice("tensorflow").catch((error) => console.log(error.message));
    console.log(describeDevice(await useDevice("auto")));
    await Deno.mkdir("${folder}/.native");
    const receipt = "${folder}/.native/receipt.json";
    await Deno.writeTextFile(receipt, "{");
    await useDevice("tensorflow").catch((error) => console.log(error.message));
    await Deno.writeTextFile(receipt, JSON.stringify({ libraries: "/no/such/folder", preload: [] }));
    await useDevice("tensorflow").catch((error) => console.log(error.message));
  `);
  const lines = printed.trim().split("\n");
  assertEquals(lines.length, 4, printed);
  assertStringIncludes(lines[0], 'the TensorFlow add-on is not set up; run "deno task setup" (or "setup --cuda")');
  assertStringIncludes(
    lines[1],
    "device wasm (WebAssembly with SIMD, one thread; GPU not in use; auto: the TensorFlow add-on is not set up, so",
  );
  assertStringIncludes(lines[2], `${folder}/.native/receipt.json is damaged; run "deno task setup"`);
  assertStringIncludes(lines[3], 'the TensorFlow libraries are gone from /no/such/folder; run "deno task setup"');
  await Deno.remove(folder, { recursive: true });
});

Deno.test("useDevice: TensorFlow and WebGPU refuse to share a process", async () => {
  const printed = await printedBy(`
    import { useDevice } from "${new URL("backend/device.ts", lib)}";
    await useDevice("webgpu").catch(() => Deno.exit(0)); // no adapter: nothing to refuse
    await useDevice("tensorflow").catch((error) => console.log(error.message));
  `);
  if (printed !== "") assertStringIncludes(printed, "the two crash in one process");
});

Deno.test("useDevice: another copy of TensorFlow.js that was loaded first is an error", async () => {
  // The same files, loaded twice, are two copies: they share one engine, whose environment is the first one's.
  const printed = await printedBy(`
    import { createRequire } from "node:module";
    const require = createRequire("${new URL("../deno.json", lib)}");
    const tfjs = require.resolve("@tensorflow/tfjs");
    const core = createRequire(tfjs).resolve("@tensorflow/tfjs-core");
    console.log(typeof createRequire(tfjs)("@tensorflow/tfjs-core").env);
    delete require.cache[core];
    const { useDevice } = await import("${new URL("backend/device.ts", lib)}");
    await useDevice("wasm").catch((error) => console.log(error.message));
  `);
  const [loaded, message] = printed.split("\n");
  assertEquals(loaded, "function");
  assertStringIncludes(message, "another copy of TensorFlow.js was loaded before this toolkit's 4.22.0");
});

Deno.test("useDevice: a device that fails after its backend was set leaves the one before in use", async () => {
  // A copy of the library's lower rooms, whose TensorFlow is set up for a GPU that is not there.
  const folder = await Deno.makeTempDir();
  for (const room of ["backend", "io", "tensors"]) {
    await Deno.mkdir(`${folder}/lib/${room}`, { recursive: true });
    for (const { name, isFile } of Deno.readDirSync(new URL(`${room}/`, lib))) {
      if (isFile) await Deno.copyFile(new URL(`${room}/${name}`, lib), `${folder}/lib/${room}/${name}`);
    }
  }
  await Deno.writeTextFile(
    `${folder}/lib/backend/tensorflow.ts`,
    `
    import * as tf from "../tensors/tf.ts";
    export const addonState = () => ({ ready: true });
    export async function loadTensorflow() {
      await tf.setBackend("cpu");
      throw new Error("no GPU");
    }
  `,
  );
  const printed = await printedBy(`
    import { useDevice } from "file://${folder}/lib/backend/device.ts";
    import * as tf from "file://${folder}/lib/tensors/tf.ts";
    await useDevice("wasm");
    await useDevice("tensorflow").catch((error) => console.log(error.message));
    console.log(tf.getBackend(), (await useDevice()).backend);
  `);
  assertEquals(printed, "no GPU\nwasm wasm\n");
  await Deno.remove(folder, { recursive: true });
});

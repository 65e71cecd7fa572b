import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describeDevice, parseDeviceChoice, useDevice } from "../../lib/backend/device.ts";
import { addonState } from "../../lib/backend/tensorflow.ts";

Deno.test("a device is named in full", async () => {
  const device = await useDevice("wasm");
  assertEquals(
    describeDevice(device),
    "device wasm (WebAssembly with SIMD, one thread; GPU not in use; asked for)",
  );
  assertThrows(() => parseDeviceChoice("cuda"), Error, "choose one of auto, tensorflow, webgpu, wasm");
});

Deno.test({
  name: "a device that is not there is an error that says how to get it",
  ignore: addonState().ready,
  fn: async () => {
    await assertRejects(() => useDevice("tensorflow"), Error, 'run "deno task setup"');
  },
});

Deno.test("TensorFlow and WebGPU refuse to share a process", async () => {
  // In a process of its own, since a device cannot be given back.
  const script = `
    import { useDevice } from "${new URL("../../lib/backend/device.ts", import.meta.url)}";
    await useDevice("webgpu").catch(() => Deno.exit(0)); // no adapter: nothing to refuse
    await useDevice("tensorflow").catch((error) => console.log(error.message));
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, script);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", config, file],
    stderr: "null",
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (said !== "") assertStringIncludes(said, "the two crash in one process");
  await Deno.remove(file);
});

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describeDevice, parseDeviceChoice, useDevice } from "../../lib/backend/device.ts";

Deno.test("a device is named in full", async () => {
  const device = await useDevice("wasm");
  assertEquals(
    describeDevice(device),
    "device wasm (WebAssembly with SIMD, one thread; GPU not in use; asked for)",
  );
  assertThrows(() => parseDeviceChoice("cuda"), Error, "choose one of auto, tensorflow, webgpu, wasm");
});

/** What a script says that runs in a process of its own: a device, once chosen, cannot be given back. */
async function saidBy(script: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, script);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", config, file],
    stderr: "null",
  }).output();
  await Deno.remove(file);
  return new TextDecoder().decode(stdout);
}

Deno.test("a device that is not there is an error that says how to get it", async () => {
  // A copy of the room, with no add-on beside it.
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/lib/backend`, { recursive: true });
  const room = new URL("../../lib/backend/", import.meta.url);
  for (const { name } of Deno.readDirSync(room)) {
    await Deno.copyFile(new URL(name, room), `${folder}/lib/backend/${name}`);
  }
  const said = await saidBy(`
    import { describeDevice, useDevice } from "file://${folder}/lib/backend/device.ts";
    await useDevice("tensorflow").catch((error) => console.log(error.message));
    console.log(describeDevice(await useDevice("auto")));
  `);
  assertStringIncludes(said, 'the TensorFlow add-on is not set up; run "deno task setup" (or "setup --cuda").');
  assertStringIncludes(
    said,
    "device wasm (WebAssembly with SIMD, one thread; GPU not in use; auto: the TensorFlow add-on",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("TensorFlow and WebGPU refuse to share a process", async () => {
  const said = await saidBy(`
    import { useDevice } from "${new URL("../../lib/backend/device.ts", import.meta.url)}";
    await useDevice("webgpu").catch(() => Deno.exit(0)); // no adapter: nothing to refuse
    await useDevice("tensorflow").catch((error) => console.log(error.message));
  `);
  if (said !== "") assertStringIncludes(said, "the two crash in one process");
});

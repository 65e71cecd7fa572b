import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { GpuCheck } from "../../scripts/gpu_check/result.ts";
import { runTask } from "./run_command.ts";

// Asked in another process: one that holds a software driver may crash at its end.
const script = new URL("../../scripts/gpu_check/find_adapter.ts", import.meta.url).pathname;
const { success: adapter } = new Deno.Command(Deno.execPath(), {
  args: ["run", "--allow-all", "--no-check", script],
  stdout: "null",
  stderr: "null",
}).outputSync();
const skip = adapter ? "" : " (skipped: no WebGPU adapter; install a Vulkan driver)";

Deno.test("gpu-check: without an NVIDIA driver it says so in one sentence, and writes nothing", async () => {
  const cwd = await Deno.makeTempDir();
  const env = { PATH: "/nonexistent" };
  const { code, err } = await runTask("gpu-check", ["--device", "cuda"], { cwd, env });
  assertEquals(code, 1);
  assertStringIncludes(
    err,
    'Checking the GPU failed: there is none to check. CUDA is left out: "nvidia-smi" does not answer, so there is no ' +
      "NVIDIA GPU, or no driver for it.",
  );
  assertEquals([...Deno.readDirSync(cwd)], []);
  await Deno.remove(cwd);
});

Deno.test({
  name: `gpu-check: at tiny size on WebGPU, parity, steps and kernels are in both files${skip}`,
  ignore: !adapter,
  fn: async () => {
    const cwd = await Deno.makeTempDir();
    const { code, out, err } = await runTask("gpu-check", ["--device", "webgpu", "--tiny", "--out", "checked"], {
      cwd,
    });
    assertEquals([code, code === 0 ? "" : err], [0, ""]);
    assertStringIncludes(out, "Nothing is wrong.");
    const check: GpuCheck = JSON.parse(await Deno.readTextFile(`${cwd}/checked/gpu-check.json`));
    const [{ api, parity, steps, kernels, failed }] = check.devices;
    assertEquals([api, failed, steps.length, kernels?.tower], ["WebGPU", [], 1, "tiny"]);
    assert(parity!.errors.length === 7 && parity!.errors.every(({ largest, allowed }) => largest <= allowed));
    const { predicted, tensorPeak, tensors, known } = steps[0];
    assert(Math.abs(predicted! / tensorPeak! - 1) < 0.2, `${predicted} ${tensorPeak}`);
    assert(known > 0 && new Set(tensors).size === 1);
    assertEquals(await Deno.readTextFile(`${cwd}/checked/gpu-check.md`), out.slice(0, out.lastIndexOf("\nwritten: ")));
    await Deno.remove(cwd, { recursive: true });
  },
});

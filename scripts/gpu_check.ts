/**
 * `deno task gpu-check`: what this toolkit does on the GPU of this machine, in ten minutes: parity with PyTorch, the
 * demo, and the training step of small and large text towers beside PyTorch on the same card.
 */
import { command, runCommand } from "../cli/command.ts";
import { listOf, path, wholeNumber } from "../cli/options.ts";

/** The devices by their names on the command line. */
const apis = { cuda: "CUDA", webgpu: "WebGPU" } as const;
const large = ["ViT-B/32", "ViT-L/14", "ViT-H/14", "ViT-G/14"] as const;

const gpuCheck = command(
  "gpu-check",
  "Checks the GPU of this machine: parity, the demo, steps of every size beside PyTorch; JSON and Markdown.",
  ["deno task gpu-check", "deno task gpu-check --device webgpu --towers ViT-B/32", "deno task gpu-check --tiny"],
)
  .addOption(listOf("--device <names>", "what is checked", ["cuda", "webgpu"]).default(["cuda", "webgpu"]))
  .addOption(listOf("--towers <names>", "the text towers whose step is taken", large).default([...large]))
  .option("--batch <count>", "triplets a step", wholeNumber(2), 128)
  .option("--gpu <index>", "which NVIDIA GPU (default: the first)", wholeNumber(0))
  .option("--minutes <count>", "after which nothing more is begun", wholeNumber(1), 10)
  .option("--tiny", "tries the check itself: tiny towers, also on a software driver, no demo")
  .option("--out <folder>", "where gpu-check.json and gpu-check.md go (default: results/gpu-check)", path())
  .option("--python <file>", "a Python with torch and transformers (default: .venv/reference/bin/python)", path());

await runCommand(gpuCheck, async (options, _args, session) => {
  const { device, towers, batch, gpu, minutes, tiny = false } = options;
  const { out = "results/gpu-check", python = ".venv/reference/bin/python" } = options;
  const { checkWritable } = await import("../lib/io/check_writable.ts");
  const { writeAtomically } = await import("../lib/io/atomic_write.ts");
  const { checkGpus } = await import("./gpu_check/check.ts");
  const { gpuCheckPage } = await import("./gpu_check/page.ts");
  const { failures } = await import("./gpu_check/result.ts");

  await checkWritable(out);
  const files = [`${out}/gpu-check.json`, `${out}/gpu-check.md`];
  const bar = session.progress(`checking, ${minutes} minutes at most`), started = performance.now();
  const check = await checkGpus({
    apis: device.map((name) => apis[name]),
    towers: tiny ? ["tiny"] : towers,
    batch: tiny ? 4 : batch,
    ...{ gpu, minutes, tiny, out, python, signal: session.signal },
    onProgress: (note) => bar.update(Math.round((performance.now() - started) / 1000), 60 * minutes, note),
    onFound: async (found) => {
      if (found.devices.length === 0) return;
      await writeAtomically(files[0], JSON.stringify(found, null, 1) + "\n");
      await writeAtomically(files[1], gpuCheckPage(found));
    },
  });
  bar.done();
  if (check.devices.length === 0) {
    throw new Error(`Checking the GPU failed: there is none to check. ${check.leftOut.join(" ")}`);
  }
  console.log(`${gpuCheckPage(check)}\nwritten: ${files.join(", ")}`);
  return check.devices.flatMap(failures).length > 0 ? 1 : 0;
});

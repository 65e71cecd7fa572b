/** `deno task demo`: the frozen model, RTD, and what it changed, on the embedded benchmark. */
import { command, runCommand } from "./command.ts";
import { deviceOption, oneOf, path, realNumber, wholeNumber } from "./options.ts";

/** Steps, the same on every machine so that a command gives the same numbers, and how long they take on two cores. */
const plans = {
  tensorflow: { steps: 200, time: "1 to 2 minutes" },
  webgpu: { steps: 40, time: "1 to 15 minutes" },
  wasm: { steps: 100, time: "1 to 4 minutes" },
};

const demo = command(
  "demo",
  "Evaluates the embedded CLIP, fine-tunes its text encoder with RTD, and shows what changed.",
  [
    "deno task demo",
    "deno task demo --device wasm --steps 20",
    "deno task demo --steps 400 --save fine-tuned",
  ],
)
  .addOption(oneOf("--size <name>", "the embedded CLIP", ["base", "small"]).default("small" as const))
  .option("--steps <count>", "training steps (default: 200 natively, 100 on wasm, 40 on webgpu)", wholeNumber(1))
  .option("--seed <number>", "seed of the training (default: the recipe's)", wholeNumber(0))
  .option("--split <number>", "seed of the split into families (default: that of every table)", wholeNumber(0))
  .option("--keep-captions <weight>", "of the term that keeps plain retrieval; not in the paper", realNumber(0))
  .option("--out <folder>", "the result and its page (default: results/demo)", path())
  .option("--json <file>", "the result (default: OUT/result.json)", path())
  .option("--save <folder>", "the fine-tuned text encoder and its phi, in Hugging Face's layout", path())
  .option("--resume", "go on from the checkpoint of a stopped run")
  .addOption(deviceOption());

await runCommand(demo, async (options, _args, session) => {
  const { checkDemo } = await import("./demo_checks.ts"), { runDemo } = await import("./demo_run.ts");
  const { device, out, json, checkpoint } = await checkDemo(options, session);
  const { describeDevice } = await import("../lib/backend/device.ts");
  const { demoFacts, demoRecord, demoReport, demoTable } = await import("../lib/emoji/report/demo_result.ts");
  const { lockFile } = await import("../lib/io/file_lock.ts");
  const { writeAtomically } = await import("../lib/io/atomic_write.ts");
  const { saveFineTuned } = await import("../lib/rtd/save_fine_tuned.ts");

  // Inside the folder, since its parent need not be writable.
  using _lock = await lockFile(`${out}/demo`, "The demo");
  const plan = plans[device.backend], { steps = plan.steps, save } = options;
  const many = steps === plan.steps ? "" : `, ${(steps / plan.steps).toFixed(2)} times the usual steps`;
  console.log(`usually ${plan.time} on two CPU cores${many}; Ctrl-C stops, and --resume goes on`);
  const finished = await runDemo({ ...options, steps, device, checkpoint }, session);
  if (!finished) return;
  const { result, textWeights } = finished, { setup, recipe, fineTuned } = result;
  if (save) {
    await saveFineTuned(save, {
      ...setup,
      textWeights,
      recipe,
      data: `edits of emoji labels, train families of split ${setup.benchmark.splitSeed}`,
      device: describeDevice(device),
      metrics: { "macro R@1, test families": fineTuned.main.macro["R@1"] },
    });
  }
  console.log(`\n${demoTable(result).text()}\n\n${demoFacts(result).join("\n")}`);
  await writeAtomically(json, JSON.stringify(demoRecord(result), null, 1) + "\n");
  await writeAtomically(`${out}/report.html`, await demoReport(result));
  console.log(`\nwritten: ${[json, `${out}/report.html`, ...(save ? [save] : [])].join(", ")}`);
});

/**
 * `deno task bench-large`: text towers of B/32's to G/14's true sizes. Memory and seconds of a step with each encoder
 * and in PyTorch, each in a process of its own; what does not fit is said before. And how long L/14's tower takes to
 * load from a whole checkpoint, and what memory beyond itself.
 */
import { command, runCommand } from "../cli/command.ts";
import { deviceOption, listOf, path, wholeNumber } from "../cli/options.ts";
import { towerNames } from "./towers.ts";
import type { StepFiles } from "./steps.ts";

const names = ["plain", "packed", "recompute", "trimmed"] as const;
const large = towerNames.filter((name) => name.startsWith("ViT"));

const largeBench = command(
  "bench-large",
  "Takes steps of large text towers, each in its own process, here and in PyTorch; loads ViT-L/14's.",
  ["deno task bench-large", "deno task bench-large --towers ViT-L/14 --of packed,trimmed --batch 64"],
)
  .addOption(listOf("--towers <names>", "the text towers, with made weights", towerNames).default(large))
  .addOption(listOf("--of <names>", "what is measured", names).default([...names]))
  .option("--batch <count>", "triplets", wholeNumber(2), 128)
  .option("--steps <count>", "steps that are timed, after one that is not", wholeNumber(1), 2)
  .option("--no-loading", "do not load ViT-L/14, a file of 1.7 GB")
  .option("--folder <folder>", "where the made checkpoints go (default: .cache/bench)", path())
  .option("--python <file>", "a Python with torch and transformers (default: .venv/reference/bin/python)", path())
  .option("--json <file>", "all that was measured", path())
  .addOption(deviceOption());

await runCommand(largeBench, async (options, _args, session) => {
  const { towers, of, batch, steps, loading, folder, json, python = ".venv/reference/bin/python" } = options;
  const { addonState } = await import("../lib/backend/tensorflow.ts");
  const { mostBuckets } = await import("../lib/clip/batch_encoder.ts");
  const { table } = await import("../lib/report/table.ts");
  const { memoryNeeds } = await import("./fitting.ts");
  const { drawInputs, writeInputs } = await import("./inputs.ts");
  const { madeClip } = await import("./made_clip.ts");
  const { knownPrograms, runnable } = await import("./programs.ts");
  const { takeRounds } = await import("./rounds.ts");
  const { median } = await import("./step_table.ts");
  const { startWorker } = await import("./workers.ts");
  const { warnIfBusy } = await import("./busy.ts");

  const device = options.device === "auto" ? (await addonState()).ready ? "tensorflow" : "wasm" : options.device;
  const known = knownPrograms(device), there = await runnable(Object.values(known), python);
  const programs = of.map((name) => known[name]).filter((program) => there.includes(program));
  const giga = (bytes: number) => (bytes / 1e9).toFixed(2);

  const planned = [];
  for (const tower of towers) {
    session.signal.throwIfAborted();
    const drawn = await drawInputs({ tower, batch, rounds: steps });
    planned.push({ drawn, needs: memoryNeeds(programs, drawn, device) });
  }
  const available = Deno.systemMemoryInfo().available;
  console.log(`memory needed, predicted, GB; ${giga(available)} are free`);
  console.log(
    table(
      ["text tower", ...programs.map(({ name }) => name)],
      planned.map(({ drawn: { tower }, needs }) => [
        tower,
        ...needs.map(({ bytes }) => `${giga(bytes)}${bytes > available ? ", left out" : ""}`),
      ]),
    ).text(),
  );

  warnIfBusy();
  const bar = session.progress("taking steps"), rows = [];
  const total = planned.length * programs.length;
  let written: StepFiles | undefined;
  for (const [i, { drawn, needs }] of planned.entries()) {
    const { tower } = drawn;
    if (needs.every(({ bytes }) => bytes > available)) continue;
    bar.update(i * programs.length, total, `${tower}, making weights`);
    const { files } = await writeInputs(drawn, { mostBuckets: mostBuckets(device), cache: folder });
    written ??= files;
    for (const [j, { program, bytes }] of needs.entries()) {
      bar.update(i * programs.length + j, total, `${tower}, ${program.name}`);
      if (bytes > available) continue;
      await using worker = await startWorker(program, files, { python, signal: session.signal });
      const { fresh: [fresh], known: [known] } = await takeRounds([worker], { rounds: steps, pause: 0 });
      const { peak, tensorPeak, loss } = known.at(-1)!;
      rows.push({ tower, program: program.name, predicted: bytes, peak, tensorPeak, loss, fresh, known });
    }
  }
  bar.update(total, total);
  bar.done();
  console.log(`\none step of ${batch} triplets, median of ${steps}; ${planned[0].drawn.texts}`);
  console.log(
    table(
      [
        "text tower",
        "step",
        "captions new, s",
        "features known, s",
        "peak, GB",
        "predicted",
        "ratio",
        "tensors, GB",
        "loss",
      ],
      rows.map(({ tower, program, fresh, known, peak, predicted, tensorPeak, loss }) => [
        tower,
        program,
        median(fresh.map(({ seconds }) => seconds)).toFixed(2),
        median(known.map(({ seconds }) => seconds)).toFixed(2),
        giga(peak),
        giga(predicted),
        (predicted / peak).toFixed(2),
        tensorPeak === undefined ? undefined : giga(tensorPeak),
        loss.toFixed(5),
      ]),
    ).text(),
  );

  if (loading && written) {
    const bar = session.progress("loading ViT-L/14");
    const whole = await madeClip({ tower: "ViT-L/14", largeVision: true, cache: folder });
    const loaded = [];
    for (const program of [known.packed, known.trimmed].filter((program) => there.includes(program))) {
      await using worker = await startWorker(program, { ...written, folder: whole }, {
        python,
        signal: session.signal,
      });
      loaded.push([program.kind === "ours" ? "here" : program.kind, worker.ready] as const);
    }
    bar.done();
    console.log("\nloading ViT-L/14's text tower from a whole checkpoint of 1.7 GB");
    console.log(
      table(
        ["", "seconds", "tower, MB", "peak beyond the tower, MB"],
        loaded.map(([name, { load, tower, loadPeak }]) => [
          name,
          load.toFixed(1),
          ...[tower, Math.max(0, loadPeak - tower)].map((bytes) => (bytes / 1e6).toFixed(0)),
        ]),
      ).text(),
    );
  }
  if (json) {
    const { writeAtomically } = await import("../lib/io/atomic_write.ts");
    await writeAtomically(json, JSON.stringify({ batch, device, available, rows }, null, 1) + "\n");
    console.log(`written: ${json}`);
  }
});

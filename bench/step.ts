/**
 * `deno task bench`: one RTD training step here, in both encoders, and in PyTorch with transformers, as published and
 * with each batch padded to its own longest text. All take the same steps from the same weights, in turn.
 */
import { command, runCommand } from "../cli/command.ts";
import { deviceOption, listOf, oneOf, path, wholeNumber } from "../cli/options.ts";
import type { Worker } from "./workers.ts";
import { towerNames } from "./towers.ts";

/** In the order in which they get memory; times are given in those of the first. */
const names = ["packed", "trimmed", "published", "plain"] as const;

const stepBench = command(
  "bench",
  "Times one RTD training step here and in PyTorch, in turn: seconds, memory, share of the machine's rate.",
  [
    "deno task bench",
    "deno task bench --tower ViT-B/32 --batch 32",
    "deno task bench --tower ViT-B/32 --of packed,plain --rounds 3",
    "deno task bench --device wasm",
  ],
)
  .addOption(oneOf("--tower <name>", "the text tower, with made weights", towerNames).default("embedded" as const))
  .option("--batch <count>", "triplets; a step encodes twice as many queries", wholeNumber(2), 128)
  .option("--rounds <count>", "rounds, after one that does not count", wholeNumber(1), 5)
  .addOption(listOf("--of <names>", "what is measured", names).default([...names]))
  .option("--triplets <file>", "triplets in the place of made ones", path())
  .option("--python <file>", "a Python with torch and transformers (default: .venv/reference/bin/python)", path())
  .option("--json <file>", "all that was measured", path())
  .addOption(deviceOption());

await runCommand(stepBench, async (options, _args, session) => {
  const { tower, batch, rounds, of, triplets, json, python = ".venv/reference/bin/python" } = options;
  const { addonState } = await import("../lib/backend/tensorflow.ts");
  const { mostBuckets } = await import("../lib/clip/batch_encoder.ts");
  const { fitting, memoryNeeds } = await import("./fitting.ts");
  const { drawInputs, writeInputs } = await import("./inputs.ts");
  const { knownPrograms, runnable } = await import("./programs.ts");
  const { indexOf, takeRounds } = await import("./rounds.ts");
  const { stepTable } = await import("./step_table.ts");
  const { towers } = await import("./towers.ts");
  const { startWorker } = await import("./workers.ts");
  const { workOf } = await import("./work.ts");
  const { warnIfBusy } = await import("./busy.ts");

  const device = options.device === "auto" ? (await addonState()).ready ? "tensorflow" : "wasm" : options.device;
  const known = knownPrograms(device);
  const chosen = await runnable(names.filter((name) => of.includes(name)).map((name) => known[name]), python);
  const giga = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const drawing = session.progress("drawing texts");
  const drawn = await drawInputs({ tower, batch, rounds, triplets });
  drawing.done();
  console.log(`one step of ${batch} triplets, ${tower} text tower; ${drawn.texts}`);
  const needs = memoryNeeds(chosen, drawn, device), available = Deno.systemMemoryInfo().available;
  const predicted = needs.map(({ program, bytes }) => `${program.name} about ${giga(bytes)}`);
  console.log(`memory: ${predicted.join(", ")}; ${giga(available)} are free`);
  const { taken: programs, leftOut } = fitting(needs, available);
  for (const { program: { name } } of leftOut) {
    console.log(`${name} is left out: it does not fit beside the others; measure it with --of and fewer of them.`);
  }
  if (programs.length === 0) throw new Error("Measuring a step failed: nothing that was asked for fits into memory.");

  warnIfBusy();
  const starting = session.progress("making weights, starting programs");
  const { files, sizes } = await writeInputs(drawn, { mostBuckets: mostBuckets(device) });
  await using open = new AsyncDisposableStack();
  const workers: Worker[] = [];
  for (const { program } of programs) {
    workers.push(open.use(await startWorker(program, files, { python, signal: session.signal })));
  }
  starting.done();
  workers.forEach(({ name, ready }) => console.log(`${name}: ${ready.device}`));
  const bar = session.progress("taking steps in turn"), total = programs.length * sizes.length;
  let done = 0;
  const measured = await takeRounds(workers, {
    rounds,
    always: ({ name }) => name === known.published.name,
    onStep: (name) => bar.update(++done, total, name),
  });
  bar.done();
  const rates = measured.products.map(({ gigaflops }) => gigaflops);
  const rowsOf = (kind: "fresh" | "known") =>
    programs.map(({ program }, i) => ({
      name: program.name,
      taken: measured[kind][i],
      work: measured[kind][i].map((_, round) => {
        const teacher = kind === "fresh" || program === known.published;
        return workOf(program, { config: towers[tower], sizes: sizes[indexOf(round, kind)], teacher });
      }),
    }));
  console.log(`median of ${rounds} rounds\n`);
  console.log(stepTable("captions new to the frozen encoder", rowsOf("fresh"), rates).text());
  console.log(`\n${stepTable("frozen features known", rowsOf("known"), rates).text()}`);
  console.log("\nFeatures that are known are kept here and in trimmed PyTorch, and encoded again as published.");
  if (json) {
    const { writeAtomically } = await import("../lib/io/atomic_write.ts");
    const devices = workers.map(({ name, ready }) => ({ name, ready }));
    const record = { tower, batch, device, texts: drawn.texts, needs, devices, products: measured.products };
    const result = { ...record, fresh: rowsOf("fresh"), known: rowsOf("known") };
    await writeAtomically(json, JSON.stringify(result, null, 1) + "\n");
    console.log(`written: ${json}`);
  }
});

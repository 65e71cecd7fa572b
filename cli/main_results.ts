/** `deno task main-results`: the three base methods with and without RTD on the embedded CLIPs, several seeds. */
import { command, runCommand } from "./command.ts";
import { deviceOption, path, wholeNumber } from "./options.ts";

const mainCommand = command(
  "main-results",
  "Computes Pic2Word, SEARLE and LinCIR with and without RTD on the embedded CLIPs; cached runs are read.",
  ["deno task main-results", "deno task main-results --seeds 5 --cache my-runs"],
)
  .option("--seeds <count>", "runs of each fine-tuning", wholeNumber(1), 3)
  .option("--steps <count>", "steps of each fine-tuning (default: the recipe's)", wholeNumber(1))
  .option("--cache <folder>", "cached runs (default: data/runs)", path())
  .addOption(deviceOption());

await runCommand(mainCommand, async ({ seeds, cache = "data/runs", ...options }, _args, session) => {
  const { faults } = await import("./faults.ts"), { checkWritable } = await import("../lib/io/check_writable.ts");
  const found = faults();
  const device = await found.check("Selecting the device", () => session.device(options.device));
  await found.check(`Writing into ${cache}`, () => checkWritable(cache));
  found.throwIfAny("Computing the main results");

  const { embeddedRecipe } = await import("../lib/rtd/recipe.ts");
  const { crossTable, embeddedSizes, emojiBenchmark, mainResults, mainTable, naiveTable, pairTable } = await import(
    "../lib/emoji/mod.ts"
  );
  session.whenStopped(`Stopped; finished runs are cached. To go on: ${session.commandLine()}`);
  const benchmark = await emojiBenchmark({ onProgress: (done, total) => session.stage("drawing images", done, total) });
  session.stageDone();
  if (cache === "data/runs" && device!.backend !== "tensorflow") {
    console.log(
      `The runs in data/runs were made with tensorflow; on ${device!.backend} all are made anew, which takes hours. ` +
        'After "deno task setup" they are read.',
    );
  }
  const bar = session.progress("runs"), steps = options.steps ?? embeddedRecipe.steps;
  let runs = { done: 0, total: 0 };
  const results = await mainResults(benchmark, {
    sizes: embeddedSizes,
    naive: ["base"],
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    steps,
    cache,
    device: device!,
    onProgress(done, total, note) {
      session.signal.throwIfAborted();
      runs = { done, total };
      bar.update(Math.round(100 * done) / 100, total, note);
    },
    onStep: async (run, step) => {
      bar.update(Math.round(100 * (runs.done + step / steps)) / 100, runs.total, run);
      await session.yield();
      session.signal.throwIfAborted();
    },
  });
  bar.done();
  for (const { size, parameters } of results) console.log(`${size}: ${(parameters / 1e6).toFixed(1)} M parameters`);
  for (const makeTable of [mainTable, pairTable, crossTable, naiveTable]) console.log(`\n${makeTable(results).text()}`);
});

/** `deno task main-results`: the three base methods with and without RTD on the embedded CLIPs, three seeds. */
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { emojiBenchmark } from "../lib/emoji/data/benchmark.ts";
import { embeddedSizes } from "../lib/emoji/model/embedded_model.ts";
import { mainResults } from "../lib/emoji/evaluation/main_results.ts";
import { crossTable, mainTable, naiveTable, pairTable } from "../lib/emoji/report/main_tables.ts";
import { embeddedRecipe } from "../lib/rtd/recipe.ts";
import { progress } from "../lib/report/progress.ts";
import { fail, readOptions, wholeNumber } from "./options.ts";

try {
  const options = readOptions("main-results", {
    seeds: { default: "3", help: "runs of each tuning" },
    steps: { default: String(embeddedRecipe.steps), help: "steps of each tuning" },
    memory: { default: "data/runs", help: "the folder of cached runs" },
    device: { default: "auto", help: "auto, tensorflow, webgpu or wasm" },
  });
  const device = await useDevice(parseDeviceChoice(options.device!));
  console.log(describeDevice(device));
  const drawing = progress("drawing images");
  const benchmark = await emojiBenchmark(undefined, drawing.update);
  drawing.done();
  const bar = progress("runs");
  const results = await mainResults(benchmark, {
    sizes: embeddedSizes,
    naive: ["base"],
    seeds: Array.from({ length: wholeNumber("seeds", options.seeds!, 1) }, (_, i) => i + 1),
    steps: wholeNumber("steps", options.steps!, 1),
    memory: options.memory!,
    device,
    onWork: bar.update,
  });
  bar.done();
  for (const { size, parameters } of results) console.log(`${size}: ${(parameters / 1e6).toFixed(1)} M parameters`);
  for (const makeTable of [mainTable, pairTable, crossTable, naiveTable]) console.log(`\n${makeTable(results).text()}`);
  Deno.exit(0);
} catch (error) {
  fail(error);
}

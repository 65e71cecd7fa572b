/**
 * `deno task parity-training`: steps of RTD here and in PyTorch, from the same folder of a CLIP, phi, triplets and noise;
 * the losses of all steps and the final weights, compared.
 */
import { command, runCommand } from "../cli/command.ts";
import { deviceOption, path, wholeNumber } from "../cli/options.ts";

const shared = "../shared/data/cirr-captions-WeiMoCIR-MIT/cirr_val_text_triplets.jsonl";

const parityTraining = command(
  "parity-training",
  "Trains the embedded CLIP and one of ViT-B/32's size with made weights, here and in PyTorch; prints how far apart the " +
    "losses and the final weights are, and fails where that is more than rounding. Needs `deno task reference`.",
  [
    "deno task parity-training",
    "deno task parity-training --clip CLIP --phi phi.safetensors --triplets triplets.jsonl",
  ],
)
  .option("--triplets <file>", `JSON lines of triplets (default: ${shared})`, path())
  .option("--clip <folder>", "a CLIP of your own, trained by the published recipe, in the place of the two", path())
  .option("--phi <file>", "its phi", path())
  .option("--steps <count>", "steps", wholeNumber(1), 20)
  .option("--batch <count>", "triplets a step", wholeNumber(2), 32)
  .option("--json <file>", "every loss and every weight's difference", path())
  .addOption(deviceOption());

await runCommand(parityTraining, async (options, _args, session) => {
  const { steps, batch, triplets = shared, clip, phi, json } = options;
  const { embeddedModelFolder, phiFile } = await import("../lib/emoji/model/embedded_model.ts");
  const { filePath } = await import("../lib/io/path.ts");
  const { writeAtomically } = await import("../lib/io/atomic_write.ts");
  const { changeRecipe, embeddedRecipe, paperRecipe } = await import("../lib/rtd/recipe.ts");
  const { table } = await import("../lib/report/table.ts");
  const { isNoise, judged, measureTrainingParity, python, tolerances } = await import(
    "../tests/rtd/training_parity.ts"
  );
  const { madeClip } = await import("../bench/made_clip.ts");
  if ((clip === undefined) !== (phi === undefined)) {
    throw new Error("Comparing trainings failed: --clip and --phi belong together; give both, or neither.");
  }
  for (const [file, advice] of [[python, 'run "deno task reference"'], [triplets, "name a file with --triplets"]]) {
    if (await Deno.stat(file).catch(() => undefined)) continue;
    throw new Error(`Comparing trainings failed: there is no ${file}; ${advice}.`);
  }
  const embedded = filePath(embeddedModelFolder());
  const made = clip ? "" : await madeClip({ tower: "ViT-B/32" });
  const runs = clip ? [{ name: clip, clip, phi: phi!, recipe: paperRecipe }] : [
    { name: "embedded", clip: embedded, phi: `${embedded}${phiFile("LinCIR")}`, recipe: embeddedRecipe },
    { name: "ViT-B/32's size, made weights", clip: made, phi: `${made}/phi.safetensors`, recipe: paperRecipe },
  ];
  const device = await session.device(options.device), measured = [];
  for (const { name, recipe, ...files } of runs) {
    const scratch = await Deno.makeTempDir();
    try {
      const parity = await measureTrainingParity({
        ...{ ...files, triplets, device, scratch, recipe: changeRecipe(recipe, { steps, batch }) },
        onStep: (step) => session.stage(`${name}, here`, step, steps),
        onPython: (line) => session.stage(`${name}, PyTorch`, Number(line.match(/^step (\d+) of/)?.[1] ?? 0), steps),
      });
      measured.push({ name, ...parity });
    } finally {
      await Deno.remove(scratch, { recursive: true });
    }
  }
  session.stageDone();
  const shown = (value: number) => value.toExponential(1);
  const kinds = Object.keys(tolerances) as (keyof typeof tolerances)[], found = measured.map(judged);
  for (const { name, losses, expected, triplets, weights } of measured) {
    const rows = losses.map((loss, i) => [i + 1, loss, expected[i], Math.abs(loss - expected[i])] as const);
    console.log(`\n${name}: ${steps} steps of ${batch} of ${triplets} triplets`);
    console.log(
      table(
        ["step", "loss here", "in PyTorch", "difference"],
        rows.map(([step, ours, theirs, off]) => [String(step), ours.toFixed(6), theirs.toFixed(6), shown(off)]),
      ).text(),
    );
    const all = Object.entries(weights).filter(([name]) => !isNoise(name));
    console.log(`\nthe five weights that are furthest apart, of ${all.length}`);
    console.log(
      table(
        ["weight", "largest change", "largest difference", "difference / change (norms)"],
        all.sort(([, a], [, b]) => b.error - a.error).slice(0, 5)
          .map(([name, { moved, difference, error }]) => [name, shown(moved), shown(difference), shown(error)]),
      ).text(),
    );
  }
  const largest = kinds.map((kind, i) => [
    kind,
    ...found.map((one) => `${shown(one[kind].value)} (${one[kind].where})`),
    shown(Object.values(tolerances)[i]),
  ]);
  const difference = measured.map(({ weights }) => {
    const all = Object.entries(weights).filter(([name]) => !isNoise(name)).map(([, { difference }]) => difference);
    return shown(Math.max(...all));
  });
  console.log("");
  console.log(
    table(["largest difference", ...measured.map(({ name }) => name), "allowed"], [
      ...largest,
      ["weights, absolute", ...difference, undefined],
    ]).markdown(),
  );
  if (json) await writeAtomically(json, JSON.stringify({ device, steps, batch, measured }, null, 1) + "\n");
  return found.some((one) => kinds.some((kind) => !(one[kind].value <= tolerances[kind]))) ? 1 : 0;
});

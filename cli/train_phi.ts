/** `deno task train-phi`: a base method's phi, on the embedded data or on the user's own images and captions. */
import { command, runCommand } from "./command.ts";
import { maskings } from "../lib/projection/lincir/masking.ts";
import { deviceOption, noneOr, oneOf, path, realNumber, wholeNumber } from "./options.ts";
import { embeddedWorlds, phiTaskMethods } from "./phi_task.ts";

const trainPhi = command("train-phi", "Trains a base method's phi, or inverts images to pseudo-tokens (searle-oti).", [
  "deno task train-phi --method lincir --clip CLIP --captions captions.txt --out phi.safetensors",
  "deno task train-phi --method searle --clip CLIP --images IMAGES --phrases phrases.json --out phi.safetensors",
  "deno task train-phi --method pic2word --out my-phi.safetensors",
  "deno task train-phi --world scenes --method lincir --seed 2 --out lincir-2.safetensors",
])
  .addOption(oneOf("--method <name>", "the base method", phiTaskMethods).makeOptionMandatory())
  .addOption(oneOf("--world <name>", "the embedded data (default: emoji)", embeddedWorlds))
  .addOption(oneOf("--size <name>", "the embedded CLIP of emoji (default: base)", ["base", "small"]))
  .option("--clip <folder>", "a CLIP in Hugging Face's layout, instead of an embedded one", path())
  .option("--captions <file>", "with --clip, for lincir: captions, one a line, or COCO's JSON", path())
  .option("--images <folder>", "with --clip, for the others: a folder of images", path())
  .option("--phrases <file>", "with --clip, for searle and searle-oti: a file that deno task phrases made", path())
  .addOption(oneOf("--recipe <name>", "the recipe (default: paper with --clip, else embedded)", ["paper", "embedded"]))
  .option("--steps <count>", "steps of phi's training", wholeNumber(1))
  .option("--inversion-steps <count>", "steps of the inversions (searle, searle-oti)", wholeNumber(1))
  .option("--batch <count>", "items a step", wholeNumber(2))
  .addOption(
    oneOf("--incomplete-batch <what>", "an epoch's last items (default: span; the released trainings drop them)", [
      "span",
      "drop",
    ]),
  )
  .addOption(
    oneOf("--masking <name>", "of keywords, for lincir (default: position; released: inside words too)", maskings),
  )
  .option(
    "--templates <file>",
    "prompts with {}, one a line, for searle and searle-oti (default: 24 of its own; 5 for scenes)",
    path(),
  )
  .option(
    "--target-pad <ratio>",
    "with --images: pad images until they are at most this long, or none (default: SEARLE 1.25, pic2word none)",
    noneOr(realNumber(1)),
  )
  .option("--seed <number>", "seed of phi's training", wholeNumber(0))
  .requiredOption("--out <file>", "the result", path())
  .option("--save-every <seconds>", "time between checkpoints (default: 20)", realNumber(0))
  .option("--resume", "go on from the checkpoint of a stopped run")
  .addOption(deviceOption());

await runCommand(trainPhi, async (options, _args, session) => {
  const { checkPhiTask } = await import("./phi_checks.ts"), { runPhiTask } = await import("./phi_run.ts");
  const { writeAtomically } = await import("../lib/io/atomic_write.ts");
  const { clock } = await import("../lib/report/progress.ts");
  const started = performance.now(), task = await checkPhiTask(options, session);
  const record = await runPhiTask(task, session);
  if (!record) return;
  const seconds = Math.round((performance.now() - started) / 1000);
  const log = {
    command: ["deno task train-phi", ...Deno.args.filter((arg) => arg !== "--resume")].join(" "),
    device: task.device,
    deno: Deno.version.deno,
    ...record,
    seconds,
    memoryMB: Math.round(Deno.memoryUsage().rss / 1e6),
  };
  await writeAtomically(task.log, JSON.stringify(log, null, 1) + "\n");
  console.log(`written in ${clock(seconds)}: ${task.out} and ${task.log}`);
});

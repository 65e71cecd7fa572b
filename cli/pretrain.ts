/**
 * `deno task pretrain`: makes an embedded CLIP and its tokenizer from the packages; `train-phi` then makes its phis.
 */
import type { ImageStyle } from "../lib/embedded/icons.ts";
import { command, runCommand } from "./command.ts";
import { deviceOption, oneOf, path, wholeNumber } from "./options.ts";
import { embeddedWorlds } from "./phi_task.ts";

const pretrainCommand = command("pretrain", "Trains an embedded CLIP from random weights on drawings.", [
  "deno task pretrain --size small --out my-clip",
  "deno task pretrain --world scenes --out my-clip",
  "deno task pretrain --steps 100 --out my-clip",
])
  .addOption(oneOf("--world <name>", "what is drawn", embeddedWorlds).default("emoji" as const))
  .addOption(oneOf("--size <name>", "the embedded CLIP of emoji (default: base)", ["base", "small"]))
  .option("--steps <count>", "training steps (default: the recipe's)", wholeNumber(1))
  .requiredOption("--out <folder>", "the model, in Hugging Face's layout", path())
  .option("--resume", "go on from the checkpoint of a stopped run")
  .addOption(deviceOption());

await runCommand(pretrainCommand, async ({ world, resume, ...options }, _args, session) => {
  const { inFolder } = await import("../lib/io/path.ts");
  const { checkWritable, checkWritableFile } = await import("../lib/io/check_writable.ts");
  const { checkCheckpoint } = await import("./check_checkpoint.ts"), { faults } = await import("./faults.ts");
  const folder = options.out, found = faults(), scenes = world === "scenes", size = options.size ?? "base";
  if (scenes && options.size !== undefined) {
    found.add("--size is for emoji; there is one CLIP of scenes: leave it out.");
  }
  const checkpoint = `results/pretrain-${scenes ? world : size}/checkpoint.safetensors`;
  const device = await found.check("Selecting the device", () => session.device(options.device));
  await found.check(`Writing into ${folder}`, () => checkWritable(folder));
  await found.check(`Writing ${checkpoint}`, () => checkWritableFile(checkpoint));
  if (resume) await found.check(`Reading ${checkpoint}`, () => checkCheckpoint(checkpoint));
  found.throwIfAny("Pretraining");
  if (scenes) {
    const { runScenesPretraining } = await import("./pretrain_scenes.ts");
    const { steps } = options;
    return await runScenesPretraining({ device: device!, steps, folder, checkpoint, resume: resume ?? false }, session);
  }

  const { emojiCatalogue } = await import("../lib/emoji/data/catalogue.ts");
  const { loadIcons } = await import("../lib/embedded/icons.ts");
  const { drawImages } = await import("../lib/emoji/data/images.ts");
  const { pretrain, pretrainRecipe } = await import("../lib/emoji/model/pretrain.ts");
  const { untrainedClip } = await import("../lib/emoji/model/untrained_clip.ts");
  const { pretrainLog, savePretrained } = await import("../lib/emoji/report/pretrained_files.ts");
  const { labelTable } = await import("../lib/emoji/report/label_table.ts");
  const { writeAtomically } = await import("../lib/io/atomic_write.ts");
  const emoji = await emojiCatalogue(), wanted = new Set(emoji.map(({ code }) => code));
  const draw = async (style: ImageStyle) => {
    const icons = await loadIcons(style);
    return await drawImages(
      icons,
      wanted,
      (done) => session.stage(`drawing ${style} images`, done, icons.names.size),
    );
  };
  const noto = await draw("noto"), twemoji = await draw("twemoji");
  const images = [noto, twemoji, await draw("fluent")];
  session.stageDone();
  const { config, tokenizer } = untrainedClip(emoji, size);
  const recipe = { ...pretrainRecipe, steps: options.steps ?? pretrainRecipe.steps };
  const started = performance.now(), bar = session.progress("pretraining CLIP");
  const { parameters: weights, losses, steps } = await pretrain(
    config,
    tokenizer,
    emoji,
    [noto, twemoji],
    recipe,
    {
      checkpoint,
      resume,
      signal: session.signal,
      onStep: async ({ step, loss }) => {
        bar.update(step, recipe.steps, `loss ${loss.toFixed(3)}`);
        await session.yield();
      },
    },
  );
  bar.done();
  if (session.signal.aborted) {
    return session.whenStopped(`Stopped after step ${steps}. To go on: ${session.commandLine("--resume")}`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const retrieval = await savePretrained(folder, { config, tokenizer, weights, recipe, emoji, images });
  console.log(labelTable(retrieval).text());
  const log = pretrainLog({ size, device: device!, images, recipe, seconds, losses, retrieval });
  await writeAtomically(inFolder(folder, "training_log.json"), JSON.stringify(log, null, 1) + "\n");
  await Deno.remove(checkpoint);
  console.log(`written to ${folder}`);
});

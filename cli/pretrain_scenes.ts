/** The work of `deno task pretrain --world scenes`. */
import type { Device } from "../lib/backend/device.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { inFolder } from "../lib/io/path.ts";
import { loadSprites } from "../lib/scenes/data/sprites.ts";
import { pretrainScenes, scenesPretrainRecipe } from "../lib/scenes/model/pretrain_scenes.ts";
import { untrainedScenesClip } from "../lib/scenes/model/scenes_model.ts";
import {
  bindingByStyle,
  bindingTable,
  savePretrainedScenes,
  scenesPretrainLog,
} from "../lib/scenes/report/pretrained_scenes.ts";
import type { Session } from "./session.ts";

/** What is to be done. */
export interface ScenesPretraining {
  device: Device;
  steps?: number;
  folder: string;
  checkpoint: string;
  resume: boolean;
}

/** Draws, trains, measures what is bound, and writes the folder; a stopped run leaves its checkpoint. */
export async function runScenesPretraining(
  { device, folder, checkpoint, resume, ...options }: ScenesPretraining,
  session: Session,
): Promise<void> {
  const { config, tokenizer } = untrainedScenesClip();
  const recipe = { ...scenesPretrainRecipe, steps: options.steps ?? scenesPretrainRecipe.steps };
  const noto = await loadSprites("noto"), trained = [noto, await loadSprites("twemoji")];
  const started = performance.now(), bar = session.progress("pretraining CLIP");
  const { parameters: weights, losses, steps } = await pretrainScenes(config, tokenizer, trained, recipe, {
    ...{ checkpoint, resume, signal: session.signal },
    onStep: async ({ step, loss }) => {
      bar.update(step, recipe.steps, `loss ${loss.toFixed(3)}`);
      await session.yield();
    },
  });
  bar.done();
  if (session.signal.aborted) {
    return session.whenStopped(`Stopped after step ${steps}. To go on: ${session.commandLine("--resume")}`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  await savePretrainedScenes(folder, { config, tokenizer, weights, recipe });
  console.log("measuring what the CLIP binds, on validation kinds");
  const bound = await bindingByStyle(folder, [noto, await loadSprites("fluent")]);
  console.log(bindingTable(bound).text());
  const log = scenesPretrainLog({ device, styles: trained, recipe, seconds, losses, bound });
  await writeAtomically(inFolder(folder, "training_log.json"), JSON.stringify(log, null, 1) + "\n");
  await Deno.remove(checkpoint);
  console.log(`written to ${folder}`);
}

/** The last part of `deno task train-phi`: a training of phi with its display, its checkpoint and Ctrl-C. */
import type { Clip } from "../lib/clip/files/model_folder.ts";
import type { PhiTraining } from "../lib/projection/fit_phi.ts";
import { savePhi } from "../lib/projection/phi_file.ts";
import type { PhiProgress, ValidatedPhi } from "../lib/projection/train_phi.ts";
import { thinned } from "../lib/report/progress.ts";
import type { RunControl } from "../lib/training/fit.ts";
import type { PhiTask } from "./phi_task.ts";
import type { Session } from "./session.ts";

/** What the log says of a run. */
export type LogRecord = Record<string, unknown>;

/**
 * Trains a phi, saves it and removes its checkpoint.
 * @returns what the log says of it; undefined if Ctrl-C stopped the training, whose checkpoint is then written
 */
export async function trained(
  { out, own, checkpoint, saveEvery, resume }: PhiTask,
  session: Session,
  clip: Clip,
  recipe: PhiTraining,
  train: (control: RunControl<PhiProgress>) => Promise<ValidatedPhi>,
): Promise<LogRecord | undefined> {
  const bar = session.progress("training phi");
  const { phi, losses, steps, validation } = await train({
    checkpoint,
    saveEvery,
    resume,
    signal: session.signal,
    async onStep({ step, loss, validation }) {
      const shown = validation ? `, held-out R@1 ${validation["R@1"].toFixed(1)}` : "";
      bar.update(step, recipe.steps, `loss ${loss.toFixed(4)}${shown}`);
      await session.yield();
    },
  });
  bar.done();
  if (steps < recipe.steps) {
    session.whenStopped(`Stopped after step ${steps}. To go on: ${session.commandLine("--resume")}`);
    return undefined;
  }
  const last = validation.at(-1);
  if (last) {
    const best = validation.reduce((most, one) => one["R@1"] > most["R@1"] ? one : most);
    console.log(
      `held-out R@1 ${last["R@1"].toFixed(1)} at step ${last.step} of ${last.heldOut} items` +
        (best.step === last.step ? "" : `; the best was ${best["R@1"].toFixed(1)} at step ${best.step}`),
    );
  }
  // Half precision for the small committed files, full for the user's.
  await savePhi(out, phi, own ? "F32" : "F16");
  await Deno.remove(checkpoint);
  return { clip: clip.hash, preprocessing: clip.preprocessing, recipe, steps, losses: thinned(losses), validation };
}

/**
 * The folder of the best text encoder of a run, which agrees with the run's checkpoint whenever the process is killed.
 *
 * A better encoder is first written beside the folder (`FOLDER.next`); then the checkpoint that names its step is
 * written; only then does it take the folder's place. So the encoder that the checkpoint names is always whole, in one
 * of the two.
 */
import { filePath, inFolder, type Path } from "../io/path.ts";
import { isFile, isFolder } from "../io/read_file.ts";
import { openSafetensors } from "../io/safetensors.ts";
import { type FineTunedModel, saveFineTuned } from "./save_fine_tuned.ts";

/**
 * Writes an encoder beside the folder of the best one, whose place it takes when {@linkcode keepBest} is called with its
 * step.
 *
 * @throws {Error} if the disk refuses; nothing is left of it then, and the folder is untouched
 */
export async function writeCandidate(folder: Path, model: FineTunedModel & { step: number }): Promise<void> {
  const next = `${filePath(folder)}.next`;
  await removeFolder(next);
  try {
    await saveFineTuned(next, model);
  } catch (error) {
    await removeFolder(next).catch(() => {});
    throw error;
  }
}

/**
 * Makes the folder hold the encoder of the step that the checkpoint names, and removes what a killed process left.
 *
 * @param step the step of the best encoder; undefined where there is none yet: the folder is removed
 * @throws {Error} if the encoder of that step is not there
 */
export async function keepBest(folder: Path, step: number | undefined): Promise<void> {
  const name = filePath(folder), next = `${name}.next`;
  if (step !== undefined && stepOf(next) === step) {
    await removeFolder(name);
    await Deno.rename(next, name);
    return;
  }
  await removeFolder(next);
  if (step === undefined) return await removeFolder(name);
  const found = stepOf(name);
  if (found === step) return;
  throw new Error(
    `Looking for the best text encoder failed: the checkpoint's best is of step ${step}, and ${name} ` +
      `${found === undefined ? "holds none" : `is of step ${found}`}; start anew in another folder.`,
  );
}

/** The step of the encoder in a folder; undefined if there is none. */
function stepOf(folder: string): number | undefined {
  const file = inFolder(folder, "model.safetensors");
  if (!isFile(file)) return undefined;
  const opened = openSafetensors(file);
  opened.close();
  return opened.metadata.step === undefined ? undefined : Number(opened.metadata.step);
}

async function removeFolder(name: string): Promise<void> {
  if (isFolder(name)) await Deno.remove(name, { recursive: true });
}

/** Whether a folder can take a new run of `deno task train`, or holds the one that is to go on. */
import { clipIdentity } from "../lib/clip/files/clip_identity.ts";
import { openWeightFiles } from "../lib/clip/files/weight_files.ts";
import { lockFile } from "../lib/io/file_lock.ts";
import { firstDifference } from "../lib/io/first_difference.ts";
import { jsonHash } from "../lib/io/hash.ts";
import { isObject } from "../lib/io/json_values.ts";
import { isFile, isFolder, readText } from "../lib/io/read_file.ts";
import type { RtdRecipe } from "../lib/rtd/recipe.ts";
import { type CheckpointRecord, inspectCheckpoint } from "../lib/training/checkpoint.ts";
import { checkCheckpoint } from "./check_checkpoint.ts";
import type { Faults } from "./faults.ts";
import type { CheckedModels } from "./models.ts";
import { runFiles, type TrainTask } from "./train_task.ts";

/** Reads what the checkpoint to resume says. A new run must not replace an older one. */
export async function checkRun(found: Faults, out: string, resume: boolean): Promise<CheckpointRecord | undefined> {
  const { checkpoint, last, best, lock } = runFiles(out);
  if (isFolder(out)) {
    await found.check(`Locking ${out}`, async () => (await lockFile(lock, `Locking ${out}`)).release());
  }
  if (resume) {
    return await found.check(`Reading ${checkpoint}`, () => {
      checkCheckpoint(checkpoint);
      return inspectCheckpoint(checkpoint);
    });
  }
  if (isFile(checkpoint) || isFolder(last) || isFolder(best)) {
    found.add(`${out} holds another training, which would be lost; go on with it (--resume), or name another --out.`);
  }
}

/** The models of the run, as far as the checks have read them. */
export interface RunModels extends CheckedModels {
  /** Folder of the CLIP. */
  folder: string;
  /** As `changePreprocessing` takes it. */
  targetPad?: number;
}

/** Compares the checkpoint with the models and the steps that are asked for; what differs is a fault. */
export async function checkProgress(
  found: Faults,
  checkpoint: string,
  { step, configuration }: CheckpointRecord,
  { steps }: RtdRecipe,
  { clip, phi, folder, targetPad }: RunModels,
): Promise<void> {
  if (step > steps) {
    found.add(
      `Resuming failed: the checkpoint has ${step} steps done, requested are ${steps} in all; request at least as many, ` +
        "or start anew in another folder.",
    );
  }
  const other = (what: string, held: unknown, asked: string) => {
    if (held === asked) return;
    found.add(
      `Resuming failed: ${checkpoint} was made with another ${what} (or another version of its files); name that one, or ` +
        "start anew in another folder.",
    );
  };
  if (phi) other("phi", configuration.phi, phi.hash);
  if (!clip) return;
  const preprocessing = { ...clip.preprocessing, ...(targetPad !== undefined && { targetPad }) };
  const identity = await found.check(`Reading ${folder}`, async () => {
    const files = await openWeightFiles(folder);
    try {
      return await clipIdentity({ ...clip, preprocessing, hash: await files.hash() });
    } finally {
      files.close();
    }
  });
  if (identity !== undefined) other("CLIP, tokenizer or target pad", configuration.clip, identity);
}

/** What decides a run beside its recipe. */
export interface RunChoices extends Pick<TrainTask, "encoder" | "incompleteBatch" | "validation"> {
  /** The triplets' hash. */
  triplets: string;
  /** The number and hash of the captions that are kept in the place of the targets. */
  keptCaptions?: string;
}

/** What must be the same when a run goes on. Under a constant rate the number of steps may grow. */
export async function configurationOf(
  { steps, optimizer, schedule, ...choices }: RtdRecipe,
  { encoder, incompleteBatch, triplets, keptCaptions, validation }: RunChoices,
): Promise<Record<string, unknown>> {
  const { data, every, bestBy } = validation ?? {};
  return {
    ...choices,
    ...optimizer,
    ...schedule,
    ...(schedule.shape === "constant" ? {} : { steps }),
    encoder,
    incompleteBatch,
    triplets,
    ...(keptCaptions !== undefined && { keptCaptions }),
    validation: data ? `${data.benchmark} ${data.split}` : "none",
    ...(data && {
      every,
      bestBy,
      annotations: data.annotations,
      images: data.captions
        ? await jsonHash([...data.captions])
        : `${data.files.length} images, ${await jsonHash(data.files.map(({ id }) => id))}`,
    }),
  };
}

/** @throws {Error} if a run was begun with other settings */
export async function sameRun(file: string, configuration: Record<string, unknown>): Promise<void> {
  const text = await readText("the run's settings", file, "; start anew in another folder");
  let run: unknown;
  try {
    run = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (!isObject(run)) {
    throw new Error(`Resuming failed: ${file} is no record of a training; start anew in another folder.`);
  }
  // Runs that were begun before there was a choice spanned epochs.
  const different = firstDifference({ incompleteBatch: "span", ...run }, configuration);
  if (!different) return;
  throw new Error(
    `Resuming failed: ${file} was made with ${different.key} = ${different.found}, requested is ` +
      `${different.requested}; request what it was made with, or start anew in another folder.`,
  );
}

/** Full-state checkpoints: weights, both moments and everything else that a run needs to go on, bit for bit. */
import * as tf from "@tensorflow/tfjs";
import { readArrays } from "../clip/model_folder.ts";
import type { Weights } from "../clip/weights.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import type { AdamWState } from "./adamw.ts";

/** What a checkpoint holds beside tensors: plain values that JSON carries. */
export interface RunRecord {
  /** The resolved configuration; a run goes on only under the same one. */
  configuration: Record<string, unknown>;
  /** Generator, data cursor, losses so far. */
  progress: Record<string, unknown>;
}

/** A checkpoint in memory. */
export interface Checkpoint extends RunRecord {
  parameters: Weights;
  optimizer: AdamWState;
}

/** Writes a checkpoint whole or not at all. */
export async function saveCheckpoint(path: string, { parameters, optimizer, ...record }: Checkpoint): Promise<void> {
  const arrays: Record<string, NamedArray> = {};
  for (const [group, weights] of Object.entries({ parameters, first: optimizer.first, second: optimizer.second })) {
    for (const [name, array] of Object.entries(await readArrays(weights))) arrays[`${group}/${name}`] = array;
  }
  // A norm over all gradients is summed in the parameters' order, so a resumed run needs the order too.
  const names = JSON.stringify(Object.keys(parameters));
  const metadata = { record: JSON.stringify(record), step: String(optimizer.step), names };
  await writeAtomically(path, writeSafetensors(arrays, metadata));
}

/**
 * Reads a checkpoint and compares its configuration with the one asked for.
 * @throws {Error} if it is damaged, or of another configuration, naming the first difference
 */
export async function loadCheckpoint(path: string, configuration: Record<string, unknown>): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Resuming failed: there is no checkpoint at ${path}; start without --resume.`);
  }
  const { arrays, metadata } = readSafetensors(bytes, path);
  if (metadata.record === undefined || metadata.step === undefined || metadata.names === undefined) {
    throw new Error(`Resuming failed: ${path} is a safetensors file and not a checkpoint of a run.`);
  }
  const record: RunRecord = JSON.parse(metadata.record);
  const difference = firstDifference(record.configuration, configuration);
  if (difference) {
    throw new Error(
      `Resuming failed: ${path} was made with ${difference.key} = ${difference.found}, asked for is ` +
        `${difference.asked}; start anew without --resume, or ask for what it was made with.`,
    );
  }
  const names: string[] = JSON.parse(metadata.names);
  const group = (prefix: string): Weights =>
    Object.fromEntries(names.map((name) => {
      const { shape, values } = arrays[`${prefix}${name}`];
      return [name, tf.tensor(values, shape)];
    }));
  return {
    ...record,
    parameters: group("parameters/"),
    optimizer: { step: Number(metadata.step), first: group("first/"), second: group("second/") },
  };
}

function firstDifference(found: Record<string, unknown>, asked: Record<string, unknown>) {
  for (const key of new Set([...Object.keys(found), ...Object.keys(asked)])) {
    const [a, b] = [JSON.stringify(found[key]), JSON.stringify(asked[key])];
    if (a !== b) return { key, found: a, asked: b };
  }
  return undefined;
}

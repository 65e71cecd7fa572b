/** Full-state checkpoints: weights, both moments and everything else that a run needs to go on, bit for bit. */
import { firstDifference } from "../io/first_difference.ts";
import { headerJson } from "../io/header_json.ts";
import { isObject, isTexts } from "../io/json_values.ts";
import { filePath, type Path } from "../io/path.ts";
import { isFile } from "../io/read_file.ts";
import { openSafetensors } from "../io/safetensors.ts";
import { saveWeights } from "../tensors/save_weights.ts";
import * as tf from "../tensors/tf.ts";
import type { Weights } from "../tensors/weights.ts";
import type { AdamWState } from "./adamw.ts";

/** A checkpoint in memory. */
export interface Checkpoint<State> {
  /** The resolved configuration; a run goes on only under the same one. */
  configuration: Record<string, unknown>;
  /** The run so far; version 0.1 kept no records and no devices. */
  progress: {
    /** State of the step source. */
    source: State;
    /** The loss of every step. */
    losses: number[];
    /** What the run's owner keeps, such as validations. */
    records?: unknown[];
    /** Backend and CPU threads that computed the steps. */
    devices?: string[];
  };
  /** The parameters, by name. */
  parameters: Weights;
  /** AdamW's step and moments. */
  optimizer: AdamWState;
}

/** Writes a checkpoint whole or not at all. @throws {Error} if the disk refuses; an older checkpoint stays untouched */
export async function saveCheckpoint<State>(
  path: Path,
  { parameters, optimizer, ...record }: Checkpoint<State>,
): Promise<void> {
  const tensors: Weights = {};
  for (const [group, weights] of Object.entries({ parameters, first: optimizer.first, second: optimizer.second })) {
    for (const [name, tensor] of Object.entries(weights)) tensors[`${group}/${name}`] = tensor;
  }
  // A norm over all gradients is summed in the parameters' order, so a resumed run needs the order too.
  const names = JSON.stringify(Object.keys(parameters));
  const metadata = { record: JSON.stringify(record), step: String(optimizer.step), names };
  await saveWeights(path, tensors, { metadata });
}

/**
 * Reads a checkpoint and compares its configuration with the requested one.
 * @throws {Error} if it is missing, damaged, or of another configuration, naming the first difference
 */
export async function loadCheckpoint<State>(
  path: Path,
  configuration: Record<string, unknown>,
): Promise<Checkpoint<State>> {
  const file = filePath(path);
  if (!isFile(file)) {
    throw new Error(`Reading the checkpoint failed: there is no file ${file}; start without --resume.`);
  }
  using opened = openSafetensors(file);
  const { metadata, shapes } = opened;
  if (metadata.record === undefined || metadata.step === undefined || metadata.names === undefined) {
    throw new Error(`Resuming failed: ${file} is a safetensors file and not a checkpoint of a run.`);
  }
  await opened.checkWhole();
  const record = headerJson(metadata, "record", isRecord<State>, file);
  const difference = firstDifference(record.configuration, configuration);
  if (difference) {
    throw new Error(
      `Resuming failed: ${file} was made with ${difference.key} = ${difference.found}, requested is ` +
        `${difference.requested}; start anew without --resume, or request what it was made with.`,
    );
  }
  const names = headerJson(metadata, "names", isTexts, file), step = headerJson(metadata, "step", isStep, file);
  // Looked for before the first tensor is made, so that nothing stays in memory.
  for (const name of names) {
    for (const array of [`parameters/${name}`, `first/${name}`, `second/${name}`]) {
      if (shapes[array]?.join() !== shapes[`parameters/${name}`]?.join() || !Object.hasOwn(shapes, array)) {
        throw new Error(
          `Resuming failed: ${file} has no array "${array}" of its parameter's shape; start anew without --resume.`,
        );
      }
    }
  }
  const group = (prefix: string): Weights =>
    Object.fromEntries(names.map((name) => {
      const { shape, values } = opened.read(`${prefix}${name}`);
      return [name, tf.tensor(values, shape)];
    }));
  return {
    ...record,
    parameters: group("parameters/"),
    optimizer: { step, first: group("first/"), second: group("second/") },
  };
}

/** What a checkpoint says of its run, without the tensors. */
export interface CheckpointRecord {
  /** Steps done. */
  step: number;
  /** The resolved configuration. */
  configuration: Record<string, unknown>;
  /** What the run's owner keeps. */
  records: unknown[];
}

/** Reads what a checkpoint says of its run from the file's header alone. @throws {Error} if it is none, or damaged */
export function inspectCheckpoint(path: Path): CheckpointRecord {
  const file = filePath(path), opened = openSafetensors(file);
  opened.close();
  const { metadata } = opened;
  if (metadata.record === undefined || metadata.step === undefined) {
    throw new Error(`Resuming failed: ${file} is a safetensors file and not a checkpoint of a run.`);
  }
  const { configuration, progress } = headerJson(metadata, "record", isRecord<unknown>, file);
  return { step: headerJson(metadata, "step", isStep, file), configuration, records: progress.records ?? [] };
}

function isRecord<State>(value: unknown): value is Pick<Checkpoint<State>, "configuration" | "progress"> {
  if (!isObject(value) || !isObject(value.configuration) || !isObject(value.progress)) return false;
  const { losses, records = [], devices = [] } = value.progress;
  return Array.isArray(losses) && losses.every((loss) => typeof loss === "number") && Array.isArray(records) &&
    isTexts(devices);
}

function isStep(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The log of a training: a line of JSON a step (`metrics.jsonl`), and the same scalars for TensorBoard. */
import { writeAtomically } from "../io/atomic_write.ts";
import { isObject } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { readTextIfThere } from "../io/read_file.ts";
import { shownReason } from "../io/shown.ts";
import { eventFileHeader, eventFileName, scalarEvent } from "./event_file.ts";

/** What is logged of a step; step 0 has a validation alone. */
export interface MetricsLine {
  /** Steps done. */
  step: number;
  /** Seconds of the run so far, validations included; where a run went on, those of its parts together. */
  seconds: number;
  /** Loss before the step's update. */
  loss?: number;
  /** Learning rate of the step. */
  rate?: number;
  /** Joint Euclidean norm of all gradients; left out where the sum of their squares overflows. */
  gradientNorm?: number;
  /** Triplets a second in this step. */
  tripletsPerSecond?: number;
  /** Bytes of memory that the process holds. */
  memory?: number;
  /** Figures of the validation after the step, percent. */
  validation?: Record<string, number>;
  /** Seconds of that validation. */
  validationSeconds?: number;
}

/** An open log. */
export interface MetricsLog extends Disposable {
  /** All lines so far, those before a resume included. */
  lines: MetricsLine[];
  /** Appends a line to both files; a norm that is not finite, which JSON cannot hold, is left out. */
  add(line: MetricsLine): void;
}

/** Tags of TensorBoard by key. */
const tags = {
  loss: "train/loss",
  rate: "train/learning_rate",
  gradientNorm: "train/gradient_norm",
  tripletsPerSecond: "train/triplets_per_second",
  memory: "train/memory_bytes",
} as const;

/**
 * Opens the log in a folder. Lines after the step from which a run goes on are dropped, and with them a line that a kill
 * cut.
 *
 * @param folder made if it is missing
 * @param from steps that the run has done; absent: a new log
 * @throws {Error} if the disk refuses
 */
export async function openMetricsLog(folder: Path, from?: number): Promise<MetricsLog> {
  const file = inFolder(folder, "metrics.jsonl"), events = inFolder(folder, eventFileName);
  const kept = from === undefined ? [] : linesOf(await readTextIfThere(file) ?? "").filter(({ step }) => step <= from);
  await writeAtomically(file, kept.map(lineText).join(""));
  await writeAtomically(events, joined([eventFileHeader(), ...kept.map(eventOf)]));
  const [text, binary] = [file, events].map((name) => ({ name, file: Deno.openSync(name, { append: true }) }));
  const lines = [...kept], encoder = new TextEncoder();
  return {
    lines,
    add({ gradientNorm, ...rest }) {
      const line = Number.isFinite(gradientNorm) ? { ...rest, gradientNorm } : rest;
      lines.push(line);
      append(text, encoder.encode(lineText(line)));
      append(binary, eventOf(line));
    },
    [Symbol.dispose]() {
      text.file.close();
      binary.file.close();
    },
  };
}

function lineText(line: MetricsLine): string {
  return JSON.stringify(line) + "\n";
}

function eventOf({ step, seconds, validation = {}, ...line }: MetricsLine): Uint8Array {
  const scalars = Object.entries(tags).filter(([key]) => line[key as keyof typeof tags] !== undefined)
    .map(([key, tag]) => [tag, line[key as keyof typeof tags]!]);
  const figures = Object.entries(validation).map(([name, value]) => [`validation/${name}`, value]);
  return scalarEvent(step, seconds, Object.fromEntries([...scalars, ...figures]));
}

function linesOf(text: string): MetricsLine[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isObject(value) && typeof value.step === "number" ? [value as unknown as MetricsLine] : [];
    } catch {
      return []; // cut by a kill, or the end
    }
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function append({ name, file }: { name: string; file: Deno.FsFile }, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch (error) {
    throw new Error(
      `Writing ${name} failed: ${shownReason(error)}; make room, or mend the disk; what was written before is kept.`,
      {
        cause: error,
      },
    );
  }
}

/** Feeds mutated inputs to one parser and records what was found. */
import * as tf from "../../lib/tensors/tf.ts";
import { type Input, inputAt } from "./inputs.ts";
import { type Fault, faultOf } from "./judge.ts";
import type { Parser } from "./parser.ts";

/** An input that broke something. */
export interface Finding {
  /** The parser's name. */
  parser: string;
  /** Number of the input under the seed. */
  number: number;
  /** The file that it stands for. */
  file: string;
  /** What happened. */
  what: string;
}

/** What came of a parser's inputs. */
export interface FuzzReport {
  parser: string;
  inputs: number;
  read: number;
  refused: number;
  /** Inputs that broke something, the first of each kind. */
  findings: Finding[];
  /** Number of inputs that broke something, all kinds together. */
  broken: number;
  seconds: number;
  /** Largest resident memory of the process that was seen, bytes. */
  peakMemory: number;
}

/** Bounds of a run. */
export interface FuzzBounds {
  seed: number;
  /** Number of the first input. */
  from: number;
  /** The run ends after so many seconds. */
  seconds: number;
  /** The run ends after so many inputs. */
  inputs: number;
  /** Called before each input with its number. */
  onInput?: (number: number) => void;
}

/** Longest time that one input may take, milliseconds. */
const longestMs = 2000;

/** Most memory by which one input may make the process grow, bytes. */
const mostGrowth = 512 * 2 ** 20;

/** Inputs between two looks at the memory. */
const memoryEvery = 256;

/** A look at the memory follows every input that took longer, milliseconds. */
const slowMs = 20;

const prototypes: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Map.prototype,
];
const countKeys = () => prototypes.reduce((sum, prototype) => sum + Reflect.ownKeys(prototype).length, 0);

/** Feeds inputs to a parser until a bound is reached. @param name of the parser */
export async function fuzzParser(name: string, parser: Parser, bounds: FuzzBounds): Promise<FuzzReport> {
  const { seed, from, seconds, inputs, onInput = () => {} } = bounds;
  const report: FuzzReport = {
    parser: name,
    inputs: 0,
    read: 0,
    refused: 0,
    findings: [],
    broken: 0,
    seconds: 0,
    peakMemory: 0,
  };
  const kinds = new Set<string>(), keys = countKeys(), started = performance.now();
  let memory = Deno.memoryUsage().rss, tensors = tf.memory().numTensors, now = started;
  const look = (): number => {
    const before = memory;
    memory = Deno.memoryUsage().rss;
    report.peakMemory = Math.max(report.peakMemory, memory);
    return memory - before;
  };
  look();
  for (let number = from; report.inputs < inputs && now - started < 1000 * seconds; number++) {
    onInput(number);
    const input = inputAt(parser, name, seed, number);
    const found = (kind: string, what = kind) => {
      report.broken++;
      if (kinds.size === kinds.add(kind).size) return;
      report.findings.push({ parser: name, number, file: input.file, what });
    };
    const begun = performance.now();
    const fault = await attempt(parser, input);
    now = performance.now();
    report.inputs++;
    if (fault === undefined) report.read++;
    else {
      report.refused++;
      if (fault !== "refused well") found(fault.kind, fault.what);
    }
    if (now - begun > longestMs) found("slow", `took ${((now - begun) / 1000).toFixed(1)} s`);
    if (countKeys() !== keys) found("changed a prototype");
    const left = tf.memory().numTensors;
    if (left !== tensors) found("left tensors in memory", `left ${left - tensors} tensors in memory`);
    tensors = left;
    if (now - begun > slowMs || number % memoryEvery === 0) {
      const growth = look();
      if (growth > mostGrowth) found("memory", `memory grew by ${Math.round(growth / 2 ** 20)} MiB`);
    }
  }
  look();
  report.seconds = (now - started) / 1000;
  return report;
}

/** Returns undefined if the input was read, and otherwise how it was refused. */
async function attempt(parser: Parser, { bytes, file }: Input): Promise<Fault | "refused well" | undefined> {
  try {
    const answer = parser.read(bytes, file);
    if (answer instanceof Promise) await answer;
    return undefined;
  } catch (error) {
    return faultOf(error, parser.names) ?? "refused well";
  }
}

/** The result of one run, as the cache holds it. */
import type { Device } from "../backend/device.ts";
import type { Metrics } from "../evaluation/metrics.ts";
import type { Probed } from "./probes.ts";
import type { BenchmarkScores } from "./testbed.ts";
import type { TextAndImage } from "./text_and_image.ts";

/** The result of one run: a fine-tuning, or none, with its evaluations. */
export interface StudyRun {
  /** Everything that decides the result; its hash names the file. */
  inputs: Record<string, unknown>;
  /** The device that computed it, or the end of it. */
  device: Device;
  /** Other devices that computed earlier parts of it, before it was resumed; absent: there were none. */
  earlierDevices?: readonly Device[];
  /** Seconds of the fine-tuning alone, and of the evaluations. */
  seconds: { training: number; evaluation: number };
  /** Steps of the fine-tuning; 0 for the frozen encoder. */
  steps: number;
  /** The loss of every step. */
  losses: readonly number[];
  /** Most bytes of main memory that the process held after a step or an evaluation. */
  memory: number;
  /** The evaluations, by step, then those of averages by share. */
  evaluations: readonly RunEvaluation[];
}

/** One evaluation of a run. */
export interface RunEvaluation {
  /** Steps done. */
  step: number;
  /** Share of the fine-tuned encoder in the average that was evaluated; absent: the encoder itself. */
  share?: number;
  /** Plain retrieval, percent; absent where the testbed has none. */
  plain?: Metrics;
  /** For each query, the scores by name of the benchmark. */
  queries: readonly Record<string, BenchmarkScores>[];
  /** Where texts and images lie; absent where the study does not measure it. */
  textAndImage?: TextAndImage;
  /** What was probed; absent where the study probes nothing. */
  probes?: Probed;
}

/** Returns the devices that computed a run. */
export function devicesOf({ device, earlierDevices = [] }: StudyRun): readonly Device[] {
  return [...earlierDevices, device];
}

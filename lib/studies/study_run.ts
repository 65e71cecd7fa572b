/** The result of one run, as the cache holds it. */
import type { Device } from "../backend/device.ts";
import type { Metrics } from "../evaluation/metrics.ts";
import type { BenchmarkScores } from "./testbed.ts";

/** The result of one run: a fine-tuning, or none, with its evaluations. */
export interface StudyRun {
  /** Everything that decides the result; its hash names the file. */
  inputs: Record<string, unknown>;
  /** The device that computed it. */
  device: Device;
  /** Seconds of the fine-tuning alone, and of the evaluations. */
  seconds: { training: number; evaluation: number };
  /** Steps of the fine-tuning; 0 for the frozen encoder. */
  steps: number;
  /** The loss of every step. */
  losses: readonly number[];
  /** Most bytes of main memory that the process held after a step or an evaluation. */
  memory: number;
  /** The evaluations, by step and, within it, by query. */
  evaluations: readonly RunEvaluation[];
}

/** One evaluation of a run. */
export interface RunEvaluation {
  /** Steps done. */
  step: number;
  /** Plain retrieval, percent; absent where the testbed has none. */
  plain?: Metrics;
  /** For each query, the scores by name of the benchmark. */
  queries: readonly Record<string, BenchmarkScores>[];
}

/** What the check finds, as JSON keeps it. */
import type { KernelTime } from "../../bench/kernels.ts";
import type { TowerName } from "../../bench/towers.ts";
import type { ParityResult } from "./parity_worker.ts";

/** A step of one program with one tower. */
export interface StepResult {
  tower: TowerName;
  /** Such as "packed, TF32" or "PyTorch trimmed". */
  program: string;
  /** Triplets a step. */
  batch: number;
  /** The device in words. */
  device: string;
  /** Median seconds of a step whose captions are new to the frozen encoder, and of one whose features are known. */
  fresh: number;
  known: number;
  /** Operations a second of a step with known features, billions, and of the best matrix product. */
  gigaflops: number;
  product: number;
  /** Largest memory of the process, and of the GPU beyond what was in use before; bytes. */
  peak: number;
  gpuPeak?: number;
  /** The largest sum of tensors, and what was predicted for it; bytes. */
  tensorPeak?: number;
  predicted?: number;
  /** The loss of the last step. */
  loss: number;
  /** Tensors after each step; absent in PyTorch. */
  tensors?: number[];
}

/** What the demo found. */
export interface DemoResult {
  /** Its seconds, as it says them. */
  seconds: { training: number; total: number };
  /** Macro R@1 before and after. */
  before: number;
  after: number;
}

/** What was found on one device. */
export interface DeviceResult {
  /** "CUDA" or "WebGPU". */
  api: "CUDA" | "WebGPU";
  /** The processor, and for CUDA its driver. */
  name: string;
  driver?: string;
  /** Bytes of its memory, where they are known. */
  memory?: number;
  parity?: ParityResult;
  demo?: DemoResult;
  steps: StepResult[];
  /** The kernels of a step, each call alone, the slowest first. */
  kernels?: { tower: TowerName; of: KernelTime[] };
  /** What was not checked, and why, a sentence each. */
  leftOut: string[];
  /** What could not be done, a sentence each. */
  failed: string[];
}

/** All that was found. */
export interface GpuCheck {
  task: "gpu-check";
  deno: string;
  /** Whether the towers were tiny, and nothing says anything about speed. */
  tiny: boolean;
  seconds: number;
  devices: DeviceResult[];
  /** Devices that were not checked, and why, a sentence each. */
  leftOut: string[];
}

/** The paper's cost: 2000 steps in 23 minutes on four A100. */
export const paper = { steps: 2000, minutes: 23 };

/** What is wrong with a device: parts that failed, errors above what is allowed, tensors left behind. */
export function failures({ api, parity, steps, failed }: DeviceResult): string[] {
  const wrong = (parity?.errors ?? []).filter(({ largest, allowed }) => !(largest <= allowed));
  const leaking = steps.filter(({ tensors }) => tensors && new Set(tensors).size > 1);
  return [
    ...failed.map((sentence) => `${api}: ${sentence.replace(/\.$/, "")}`),
    ...wrong.map(({ what, largest, allowed }) =>
      `${api}: the largest error of ${what} is ${largest.toExponential(1)}, allowed ${allowed}`
    ),
    ...leaking.map(({ tower, program, tensors }) =>
      `${api}: ${program} with ${tower} leaves tensors behind: ${tensors!.join(", ")}`
    ),
  ];
}

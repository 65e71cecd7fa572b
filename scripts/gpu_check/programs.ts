/** The programs whose steps are measured on a device, and how each is started. */
import type { Program, StepChoices } from "../../bench/workers.ts";

/** A way to take a step. */
export interface Way {
  name: string;
  /** What every step is told. */
  choices: Omit<StepChoices, "teacher">;
  /** Whether the frozen encoder runs although the features are known: as published. */
  always: boolean;
}

/** One process, and the ways in which it takes steps, one after the other. */
export interface Started {
  program: Program;
  env: Record<string, string>;
  ways: Way[];
}

/** TensorFlow takes TF32 wherever a GPU has it; CUDA's own switch takes it away, from PyTorch too. */
const noTf32 = { NVIDIA_TF32_OVERRIDE: "0" };

/** Environment that every process on CUDA has: one GPU, and no more of its memory than is needed. */
export function cudaEnvironment(gpu: number, { tf32 }: { tf32: boolean }): Record<string, string> {
  return { CUDA_VISIBLE_DEVICES: String(gpu), TF_FORCE_GPU_ALLOW_GROWTH: "true", ...(tf32 ? {} : noTf32) };
}

/**
 * The processes for a device.
 *
 * @param gpu index of the NVIDIA GPU, where there is one
 * @param pytorch whether a PyTorch that sees it is there
 */
export function programsFor(
  api: "CUDA" | "WebGPU",
  { gpu, pytorch }: { gpu?: number; pytorch: boolean },
): Started[] {
  const plain: Way = { name: "packed", choices: {}, always: false };
  if (api === "WebGPU") {
    const program = { name: "packed", kind: "ours", encoder: "packed", device: "webgpu" } as const;
    return [{ program, env: {}, ways: [plain] }];
  }
  const ours = [false, true].map((tf32): Started => ({
    program: { name: "packed", kind: "ours", encoder: "packed", device: "tensorflow" },
    env: cudaEnvironment(gpu!, { tf32 }),
    ways: [{ ...plain, name: `packed, TF32 ${tf32 ? "on" : "off"}` }],
  }));
  const theirs: Started = {
    program: { name: "PyTorch", kind: "PyTorch", recipe: "trimmed", device: "cuda" },
    env: cudaEnvironment(gpu!, { tf32: true }),
    // The one that needs most memory comes last.
    ways: (["trimmed", "published"] as const).flatMap((recipe) =>
      [false, true].map((tf32) => ({
        name: `PyTorch ${recipe === "published" ? "as published" : recipe}, TF32 ${tf32 ? "on" : "off"}`,
        choices: { recipe, tf32 },
        always: recipe === "published",
      }))
    ),
  };
  return pytorch ? [...ours, theirs] : ours;
}

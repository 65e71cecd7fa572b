/** The programs whose steps are measured, by the names that the benches take. */
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import type { Program } from "./workers.ts";

/** Name of a program on a command line. */
export type ProgramName = "packed" | "plain" | "recompute" | "trimmed" | "published";

/** Returns all programs. @param device of ours */
export function knownPrograms(device: DeviceChoice): Record<ProgramName, Program> {
  return {
    packed: { name: "packed", kind: "ours", encoder: "packed", device },
    plain: { name: "plain", kind: "ours", encoder: "plain", device },
    recompute: { name: "packed, recomputing", kind: "ours", encoder: "packed", recompute: true, device },
    trimmed: { name: "PyTorch trimmed", kind: "PyTorch", recipe: "trimmed", device: "cpu" },
    published: { name: "PyTorch as published", kind: "PyTorch", recipe: "published", device: "cpu" },
  };
}

/** Returns the programs that can run here; that PyTorch's are left out is said. @param python with torch, if it is there */
export async function runnable(programs: readonly Program[], python: string): Promise<Program[]> {
  if (await Deno.stat(python).then(() => true, () => false)) return [...programs];
  console.log(`PyTorch is left out: there is no ${python}; "deno task reference" makes it.`);
  return programs.filter(({ kind }) => kind === "ours");
}

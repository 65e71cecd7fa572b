/** How much each program computes in a step: tokens that go through its encoders, and operations. */
import type { TextConfig } from "../lib/clip/model/config.ts";
import { packedFlops, plainFlops } from "./flops.ts";
import type { StepSizes } from "./steps.ts";
import type { Program } from "./workers.ts";

/** What is computed. */
export interface Work {
  /** Tokens in the encoders, those of the frozen one among them; padding counts. */
  tokens: number;
  /** Additions and multiplications in matrix products. */
  flops: number;
}

/**
 * Counts the work of a step.
 *
 * @param teacher whether the frozen encoder runs
 */
export function workOf(
  program: Program,
  { config, sizes, teacher }: { config: TextConfig; sizes: StepSizes; teacher: boolean },
): Work {
  const { lengths, packing, frozen } = sizes, P = config.width, rows = lengths.composed.length;
  const padded = (length: number): Work => ({ tokens: rows * length, flops: plainFlops(config, P, { rows, length }) });
  const trimmed = (texts: readonly number[]) => padded(Math.max(...texts));
  const published = padded(config.context);
  const times = ({ tokens, flops }: Work, passes: number): Work => ({ tokens, flops: passes * flops });
  if (program.kind === "PyTorch" && program.recipe === "published") {
    return sum([...Array(2).fill(times(published, 3)), ...(teacher ? [published, published] : [])]);
  }
  if (program.kind === "PyTorch") {
    const student = [lengths.composed, lengths.refined].map(trimmed).map((work) => times(work, 3));
    return sum([...student, ...(teacher ? [lengths.references, lengths.targets].map(trimmed) : [])]);
  }
  const ofTeacher = teacher ? frozen.map((packing) => packed(config, packing)) : [];
  if (program.encoder === "plain") {
    return sum([...[lengths.composed, lengths.refined].map(trimmed).map((work) => times(work, 3)), ...ofTeacher]);
  }
  return sum([times(packed(config, packing), program.recompute ? 4 : 3), ...ofTeacher]);
}

function packed(config: TextConfig, packing: Parameters<typeof packedFlops>[2]): Work {
  const tokens = packing.prefix + packing.buckets.reduce((sum, { rows, slots }) => sum + rows * slots, 0);
  return { tokens, flops: packedFlops(config, config.width, packing) };
}

function sum(works: readonly Work[]): Work {
  return works.reduce((a, b) => ({ tokens: a.tokens + b.tokens, flops: a.flops + b.flops }), { tokens: 0, flops: 0 });
}

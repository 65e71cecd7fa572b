/** The inputs of a campaign: the same seed and number give the same input. */
import { mutate } from "./mutations.ts";
import type { Parser } from "./parser.ts";
import { seeded } from "./seeded.ts";

/** An input. */
export interface Input {
  bytes: Uint8Array;
  /** The file that it stands for. */
  file: string;
}

/** Returns the input of a number: first every sample as it is, then mutations of the samples in turn. */
export function inputAt({ samples }: Parser, name: string, seed: number, number: number): Input {
  const sample = samples[number % samples.length], { file, bytes } = sample;
  if (number < samples.length) return { file, bytes: bytes.slice() };
  return { file, bytes: mutate(sample, seeded(seedOf(name, seed, number))) };
}

/** Mixes the parser's name, the seed and the number to a 32-bit seed (FNV-1a with a final shift). */
function seedOf(name: string, seed: number, number: number): number {
  let hash = 0x811c9dc5;
  for (const letter of `${name} ${seed} ${number}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Triplets that were made, each with what it was made from. */
import type { Triplet } from "../triplet.ts";
import type { CaptionPlace } from "./source_captions.ts";

/** A triplet that was made. */
export interface MadeTriplet extends Triplet {
  /** Everything that it was made from. */
  provenance: Provenance;
}

/** What a triplet was made from. */
export type Provenance =
  | {
    method: "rule" | "difference";
    /** Where the reference stands in the file of captions; of a difference, then where the target stands. */
    captions: CaptionPlace[];
    seed: number;
    /** The wording of the conditioning text, with `{old}` and `{new}`. */
    template: string;
    /** What stands in the reference, and what stands in its place in the target. */
    swap: [old: string, new: string];
  }
  | {
    method: "in-context";
    /** Where the reference stands in the file of captions. */
    captions: CaptionPlace[];
    seed: number;
    /** Seed that was sent with the request. */
    requestSeed: number;
    model: string;
    /** Numbers of the examples that the prompt showed; the first is 1. */
    examples: number[];
    temperature: number;
  };

/** Captions, or pairs of them, that gave no triplet, by reason. */
export type Dropped = Map<string, number>;

/** Counts one that gave no triplet. */
export function drop(dropped: Dropped, reason: string, count = 1): void {
  dropped.set(reason, (dropped.get(reason) ?? 0) + count);
}

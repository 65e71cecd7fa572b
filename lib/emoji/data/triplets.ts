/** Text triplets from the edits of train families. */
import { jsonHash } from "../../io/hash.ts";
import { type Random, random, type RandomState } from "../../tensors/random.ts";
import type { MakeSampler } from "../../training/sampler.ts";
import type { Triplet } from "../../triplets/triplet.ts";
import type { Edit } from "./edits.ts";
import { editData, editsByFamily, editTexts } from "./edits_by_family.ts";
import { conditioningText, wordingTemplates } from "./wording.ts";

/** Attempts to draw an edit of one kind whose labels are not yet in the batch, before another kind is tried. */
const tries = 20;

/**
 * Returns a function that starts a sampler of triplets. The sampler draws the edit kind, then the family, then the
 * edit, then its wording, each uniformly, so that the many edits of skin tones do not dominate. No caption occurs twice
 * in a batch, since it would be a negative of itself.
 *
 * @param edits edits of train families
 * @returns for `trainRtd`: a function from a seed, or from a saved state, to a sampler; its `data` is a hash of the
 *   edits and the wording
 * @throws {Error} if there are no edits; the sampler throws if a batch is larger than the number of different captions
 * @example
 * ```ts
 * import { emojiBenchmark, editSampler } from "@rtd/toolkit";
 *
 * const { edits } = await emojiBenchmark();
 * const sampler = editSampler(edits.train)(12345);
 * console.log(sampler.next(4));
 * ```
 */
export function editSampler(
  edits: readonly Edit[],
): MakeSampler<Triplet, RandomState> & { data: () => Promise<string>; texts: () => string[] } {
  const kinds = editsByFamily(edits);
  const start = (from: number | RandomState) => {
    const rng = random(from);
    return { next: (count: number) => drawTriplets(kinds, count, rng), state: () => rng.state() };
  };
  return Object.assign(start, {
    data: () => jsonHash([editData(edits), wordingTemplates.seen]),
    texts: () => editTexts(edits),
  });
}

/** Draws triplets from edits that are grouped by kind and family. */
function drawTriplets(kinds: readonly Edit[][][], count: number, rng: Random): Triplet[] {
  const drawn: Triplet[] = [], used = new Set<string>();
  let misses = 0;
  while (drawn.length < count) {
    const families = kinds[rng.int(kinds.length)];
    for (let attempt = 0; attempt < tries; attempt++) {
      const same = families[rng.int(families.length)];
      const { reference, target, changes } = same[rng.int(same.length)];
      if (used.has(reference.caption) || used.has(target.caption)) continue;
      used.add(reference.caption).add(target.caption);
      const conditioning = conditioningText(changes, "seen", rng);
      drawn.push({ reference: reference.caption, conditioning, target: target.caption });
      misses = -1;
      break;
    }
    if (++misses > 100 * kinds.length) {
      throw new Error(
        `Sampling ${count} triplets failed: after ${drawn.length} every label is used; choose a smaller batch.`,
      );
    }
  }
  return drawn;
}

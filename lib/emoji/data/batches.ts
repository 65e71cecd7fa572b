/** Batches of triplets with near neighbours, and without: several edits of one family, or no family twice. */
import { jsonHash } from "../../io/hash.ts";
import { type Random, random, type RandomState } from "../../tensors/random.ts";
import type { MakeSampler } from "../../training/sampler.ts";
import type { Triplet } from "../../triplets/triplet.ts";
import type { Edit } from "./edits.ts";
import { editData, editsByFamily, editTexts } from "./edits_by_family.ts";
import { conditioningText, wordingTemplates } from "./wording.ts";

/** Most edits of one kind and family in a batch with siblings. */
export const mostSiblings = 4;

/** Attempts to draw an edit of another family, or of unused captions, before something else is tried. */
const tries = 20;

/**
 * Returns a function that starts a sampler of batches, each of what one call of `next` draws. First edits are drawn of
 * which no two have a family in common: the kind of edit, the family, then the edit, each uniformly as far as there are
 * unused ones. With siblings, some of these edits, as many as are needed, are joined by up to three of the same kind and
 * family, so that both kinds of batches have about the same kinds of edits. No caption occurs twice in a batch.
 *
 * @param edits edits of train families
 * @param siblings whether a batch holds edits of one family; else it holds none
 * @throws {Error} if there are no edits; the sampler throws if a batch is larger than there are families allow
 */
export function editBatchSampler(
  edits: readonly Edit[],
  { siblings }: { siblings: boolean },
): MakeSampler<Triplet, RandomState> & { data: () => Promise<string>; texts: () => string[] } {
  const kinds = editsByFamily(edits);
  const start = (from: number | RandomState) => {
    const rng = random(from);
    return {
      next(count: number): Triplet[] {
        const apart = drawApart(kinds, count, rng);
        const drawn = siblings ? withSiblings(apart, count, rng) : apart.map(({ edit }) => edit);
        return drawn.map(({ reference, target, changes }) => ({
          reference: reference.caption,
          conditioning: conditioningText(changes, "seen", rng),
          target: target.caption,
        }));
      },
      state: () => rng.state(),
    };
  };
  return Object.assign(start, {
    data: () => jsonHash(["batches", siblings ? mostSiblings : 1, editData(edits), wordingTemplates.seen]),
    texts: () => editTexts(edits),
  });
}

/** An edit, and all edits of its kind and family. */
interface Drawn {
  edit: Edit;
  like: readonly Edit[];
}

/** Draws edits of which no two have a family in common. */
function drawApart(kinds: readonly Edit[][][], count: number, rng: Random): Drawn[] {
  const drawn: Drawn[] = [], used = new Set<string>();
  for (let misses = 0; drawn.length < count;) {
    const families = kinds[rng.int(kinds.length)];
    let found: Drawn | undefined;
    for (let attempt = 0; attempt < tries && !found; attempt++) {
      const like = families[rng.int(families.length)], edit = like[rng.int(like.length)];
      if (!used.has(edit.reference.family) && !used.has(edit.target.family)) found = { edit, like };
    }
    if (found) {
      drawn.push(found);
      used.add(found.edit.reference.family).add(found.edit.target.family);
    } else if (++misses > 100 * kinds.length) {
      throw new Error(
        `Sampling ${count} triplets failed: after ${drawn.length} every family is used; choose a smaller batch.`,
      );
    }
  }
  return drawn;
}

/** Joins edits by others of the same kind and family until there are enough. */
function withSiblings(apart: readonly Drawn[], count: number, rng: Random): Edit[] {
  const chosen: Edit[] = [], used = new Set<string>();
  for (const { edit, like } of rng.shuffle(apart)) {
    for (let group = 0, attempt = 0; group < mostSiblings && attempt < 4 * tries; attempt++) {
      const next = attempt === 0 ? edit : like[rng.int(like.length)];
      if (chosen.length === count || used.has(next.reference.caption) || used.has(next.target.caption)) continue;
      used.add(next.reference.caption).add(next.target.caption);
      chosen.push(next);
      group++;
    }
  }
  return chosen;
}

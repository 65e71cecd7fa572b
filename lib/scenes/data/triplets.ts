/** Text triplets from edits of scenes of train kinds. */
import { jsonHash } from "../../io/hash.ts";
import { random, type RandomState } from "../../tensors/random.ts";
import type { MakeSampler } from "../../training/sampler.ts";
import type { Triplet } from "../../triplets/triplet.ts";
import { sceneCaption } from "./captions.ts";
import { drawEdit, sceneAspects } from "./edits.ts";
import { splitKinds } from "./pairs.ts";
import { aloneAmongReferences, randomScene, sceneKey } from "./scene.ts";
import { sceneTemplates, sceneText } from "./wording.ts";

/** A sampler of triplets of scenes. */
export type SceneSampler = MakeSampler<Triplet, RandomState> & { data: () => Promise<string> };

/** Attempts to draw an edit whose scenes are not yet in the batch. */
const tries = 1000;

/**
 * Returns a function that starts a sampler of triplets without end: each of an aspect, a reference and a wording drawn
 * anew. No scene occurs twice in a batch, since it would be a negative of itself.
 *
 * @param splitSeed seed of the split of the kinds
 * @throws {Error} the sampler, if a batch is larger than there are scenes
 */
export function sceneSampler(splitSeed = 0): SceneSampler {
  const kinds = splitKinds(splitSeed).train;
  const start = (from: number | RandomState) => {
    const rng = random(from);
    return { next: (count: number) => drawTriplets(count), state: () => rng.state() };

    function drawTriplets(count: number): Triplet[] {
      const drawn: Triplet[] = [], used = new Set<string>();
      for (let failed = 0; drawn.length < count;) {
        const aspect = sceneAspects[rng.int(sceneAspects.length)];
        const edit = drawEdit(randomScene({ kinds, alone: aloneAmongReferences }, rng), aspect, { kinds }, rng);
        const keys = edit ? [sceneKey(edit.reference), sceneKey(edit.target)] : [];
        if (!edit || keys[0] === keys[1] || keys.some((key) => used.has(key))) {
          if (++failed > tries) {
            throw new Error(
              `Sampling ${count} triplets of scenes failed after ${drawn.length}; choose a smaller batch.`,
            );
          }
          continue;
        }
        failed = 0;
        keys.forEach((key) => used.add(key));
        drawn.push({
          reference: sceneCaption(edit.reference),
          conditioning: sceneText(edit.changes, "seen", rng),
          target: sceneCaption(edit.target),
        });
      }
      return drawn;
    }
  };
  const seen = Object.entries(sceneTemplates).map(([name, { seen }]) => [name, seen]);
  return Object.assign(start, { data: () => jsonHash(["scenes", 1, kinds, aloneAmongReferences, sceneAspects, seen]) });
}

/** Batches of triplets of scenes with near neighbours, and without: edits of scenes like one another, or of other kinds. */
import { jsonHash } from "../../io/hash.ts";
import { type Random, random, type RandomState } from "../../tensors/random.ts";
import type { Triplet } from "../../triplets/triplet.ts";
import { sceneCaption } from "./captions.ts";
import { drawEdit, randomSibling, sceneAspects, type SceneEdit } from "./edits.ts";
import { splitKinds } from "./pairs.ts";
import { aloneAmongReferences, randomScene, type Scene, sceneKey } from "./scene.ts";
import type { SceneSampler } from "./triplets.ts";
import { sceneTemplates, sceneText } from "./wording.ts";

/** Edits of one neighbourhood in a batch with siblings. */
export const mostSiblings = 4;

/** Attempts to draw an edit that a batch can hold. */
const tries = 2000;

/**
 * Returns a function that starts a sampler of batches, each of what one call of `next` draws. Without siblings, no two
 * triplets of a batch have scenes of the same kinds of things. With siblings, a batch is made of neighbourhoods of four
 * triplets, whose references are a scene and three that differ from it in one thing; no two neighbourhoods have scenes of
 * the same kinds. No scene occurs twice in a batch.
 *
 * @param siblings whether a batch is made of neighbourhoods
 * @throws {Error} the sampler, if a batch is larger than the kinds allow
 */
export function sceneBatchSampler(splitSeed: number, { siblings }: { siblings: boolean }): SceneSampler {
  const kinds = splitKinds(splitSeed).train, group = siblings ? mostSiblings : 1;
  const start = (from: number | RandomState) => {
    const rng = random(from);
    return { next: (count: number) => drawTriplets(count, rng), state: () => rng.state() };
  };

  function drawTriplets(count: number, rng: Random): Triplet[] {
    const edits: SceneEdit[] = [], scenes = new Set<string>(), known = new Set<string>();
    let failed = 0;
    while (edits.length < count) {
      const first = randomScene({ kinds, alone: aloneAmongReferences }, rng), together: SceneEdit[] = [];
      const keys = new Set<string>(), size = Math.min(group, count - edits.length);
      for (let attempt = 0; together.length < size && attempt < 50; attempt++) {
        const reference = together.length === 0 ? first : randomSibling(first, { kinds }, rng);
        const edit = drawEdit(reference, sceneAspects[rng.int(sceneAspects.length)], { kinds }, rng);
        const own = edit ? [edit.reference, edit.target] : [], named = own.map(sceneKey);
        if (!edit || named[0] === named[1] || named.some((key) => scenes.has(key) || keys.has(key))) continue;
        if (own.some((scene) => known.has(kindsOf(scene)))) continue;
        named.forEach((key) => keys.add(key));
        together.push(edit);
      }
      if (together.length < size) {
        if (++failed <= tries) continue;
        throw new Error(
          `Sampling ${count} triplets of scenes failed: after ${edits.length} there are no other kinds of things left; ` +
            "choose a smaller batch.",
        );
      }
      keys.forEach((key) => scenes.add(key));
      for (const { reference, target } of together) known.add(kindsOf(reference)).add(kindsOf(target));
      edits.push(...together);
    }
    return edits.map(({ reference, target, changes }) => ({
      reference: sceneCaption(reference),
      conditioning: sceneText(changes, "seen", rng),
      target: sceneCaption(target),
    }));
  }

  const seen = Object.entries(sceneTemplates).map(([name, { seen }]) => [name, seen]);
  const data = () => jsonHash(["scenes, batches", group, kinds, aloneAmongReferences, sceneAspects, seen]);
  return Object.assign(start, { data });
}

/** The kinds of things of a scene, as a text. */
function kindsOf({ groups }: Scene): string {
  return groups.map(({ kind }) => kind).sort((a, b) => a - b).join(" ");
}

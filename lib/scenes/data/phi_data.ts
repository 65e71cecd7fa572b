/** Training data of the phis of scenes: captions for LinCIR, drawings for the others, concept phrases for SEARLE. */
import { jsonHash } from "../../io/hash.ts";
import type { MaskedCaption } from "../../projection/lincir/lincir.ts";
import { maskConcept, type Phrases } from "../../projection/searle/phrases.ts";
import { random, type RandomState } from "../../tensors/random.ts";
import type { MakeSampler } from "../../training/sampler.ts";
import { drawSceneCaption, maskSceneCaption } from "./captions.ts";
import { drawScene, sceneSize } from "./draw_scene.ts";
import { kinds } from "./kinds.ts";
import { isHeldOut } from "./pairs.ts";
import { backgrounds, randomScene, type Scene, type SceneChoice } from "./scene.ts";
import type { SpriteSet } from "./sprites.ts";

/** Scenes as a CLIP sees them in its pretraining: all kinds, no held-out pair. */
const choice: SceneChoice = {
  kinds: [...kinds.keys()],
  together: (a, b) => !isHeldOut(a, b),
  alone: 0.35,
};

/**
 * Returns a function that starts a sampler of masked captions for LinCIR, drawn as in pretraining.
 *
 * @param kinds indices of the kinds that captions name; all by default
 */
export function sceneCaptions(kinds: readonly number[] = choice.kinds): MakeSampler<MaskedCaption, RandomState> {
  const start = (from: number | RandomState) => {
    const rng = random(from);
    return {
      next: (count: number) =>
        Array.from({ length: count }, () => {
          const caption = drawSceneCaption(randomScene({ ...choice, kinds }, rng), rng);
          return { caption, masked: maskSceneCaption(caption) };
        }),
      state: () => rng.state(),
    };
  };
  return Object.assign(start, { data: () => jsonHash(["captions of scenes", 1, kinds, choice.alone]) });
}

/** Drawings of scenes, without captions. */
export interface SceneDrawings {
  /** Their names. */
  names: string[];
  /** `[N, 64, 64, 3]` bytes. */
  pixels: Uint8Array;
}

/** Draws scenes as in pretraining, for phis that train on images. */
export function sceneDrawings(count: number, sprites: SpriteSet, seed = 1): SceneDrawings {
  const rng = random(seed + 5000), bytes = sceneSize * sceneSize * 3, pixels = new Uint8Array(count * bytes);
  const names = Array.from({ length: count }, (_, i) => {
    drawScene(randomScene(choice, rng), sprites, pixels.subarray(i * bytes, (i + 1) * bytes), rng);
    return `${sprites.style}/${i}`;
  });
  return { names, pixels };
}

/** Phrases of a concept. */
const phrasesOfAConcept = 12;

/** Makes concept phrases for SEARLE: each kind and each background is a concept, captions with it are its phrases. */
export function scenePhrases(seed = 1): Phrases {
  const rng = random(seed + 6000), phrases = new Map<string, string[]>();
  const add = (concept: string, scene: () => Scene) => {
    const found = new Set<string>();
    while (found.size < phrasesOfAConcept) {
      const phrase = drawSceneCaption(scene(), rng);
      if (maskConcept(phrase, concept) !== undefined) found.add(phrase);
    }
    phrases.set(concept, [...found]);
  };
  const withKind = (kind: number): Scene => {
    const scene = randomScene({ ...choice, alone: 1 }, rng);
    return { ...scene, groups: scene.groups.map((group) => ({ ...group, kind })) };
  };
  for (const [i, { name, plural }] of kinds.entries()) {
    for (const concept of new Set([name, plural])) add(concept, () => withKind(i));
  }
  for (const background of backgrounds) {
    add(`${background} background`, () => ({ ...randomScene(choice, rng), background }));
  }
  return phrases;
}

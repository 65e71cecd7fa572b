/** The benchmark of scenes: queries by aspect over a gallery of drawings, from npm packages and a seed. */
import type { OnProgress } from "../../io/on_progress.ts";
import { type Random, random } from "../../tensors/random.ts";
import { sceneCaption } from "./captions.ts";
import { drawScene, sceneSize } from "./draw_scene.ts";
import { drawEdit, randomSibling, type SceneAspect, sceneAspects, type SceneEdit } from "./edits.ts";
import { isHeldOut, type SceneSplit, splitKinds } from "./pairs.ts";
import { aloneAmongReferences, randomScene, type Scene, sceneKey } from "./scene.ts";
import { loadSprites, type SpriteSet } from "./sprites.ts";
import { sceneText, type SceneWording, sceneWordings } from "./wording.ts";

/** One query. */
export interface SceneQuery {
  /** What changes. */
  aspect: SceneAspect;
  /** Index of the reference's scene. */
  reference: number;
  /** Index of the target's scene. */
  target: number;
  /** The conditioning text in each wording. */
  texts: Readonly<Record<SceneWording, string>>;
}

/** Composed queries over drawings of scenes. Each scene of the gallery is drawn twice: a query has two correct images. */
export interface ScenesBenchmark {
  /** Seed of the split of the kinds. */
  splitSeed: number;
  /** The split whose kinds its scenes show. */
  split: SceneSplit;
  /** The scenes of the gallery. */
  scenes: readonly Scene[];
  /** The caption of each scene. */
  captions: readonly string[];
  /** The queries, by aspect. */
  queries: readonly SceneQuery[];
  /** `[scenes * 2, 64, 64, 3]` bytes: the two Noto renderings of each scene. */
  gallery: Uint8Array;
  /** `[references, 64, 64, 3]` bytes: one Fluent rendering of each scene that is a reference. */
  fluent: { /** Indices of the scenes. */ scenes: readonly number[]; /** Their pixels. */ pixels: Uint8Array };
  /** Name, version, licence and author of the drawings. */
  sources: readonly string[];
}

/** Choices of {@linkcode scenesBenchmark}. */
export interface ScenesBenchmarkOptions {
  /** Seed of the split of the kinds; 0 by default. */
  splitSeed?: number;
  /** The split; "test" by default. */
  split?: SceneSplit;
  /** Queries of each aspect; 100 by default. */
  queries?: number;
  /** Scenes in the gallery; 1500 by default. */
  scenes?: number;
  /** Called while scenes are drawn, with the number of images done and their total. */
  onProgress?: OnProgress;
}

/** Number of drawings of each scene of the gallery. */
export const renderings = 2;

/** References for each hundred queries of an aspect. */
const referencesPerHundred = 260;

/**
 * Builds the benchmark: references and the targets of their edits, and further scenes that differ from a reference in one
 * thing, until the gallery is full. Scenes of two kinds show held-out pairs alone, which no CLIP was pretrained on.
 *
 * @throws {Error} if a package of drawings cannot be read, or the gallery is too small for the queries
 */
export async function scenesBenchmark(
  { splitSeed = 0, split = "test", queries: perAspect = 100, scenes: size = 1500, onProgress = () => {} }:
    ScenesBenchmarkOptions = {},
): Promise<ScenesBenchmark> {
  const kinds = splitKinds(splitSeed)[split], choice = { kinds, together: isHeldOut };
  const rng = random(splitSeed * 10 + (split === "test" ? 31000 : 41000));
  const scenes: Scene[] = [], indexOf = new Map<string, number>();
  const add = (scene: Scene): number => {
    const key = sceneKey(scene), known = indexOf.get(key);
    if (known !== undefined) return known;
    indexOf.set(key, scenes.length);
    return scenes.push(scene) - 1;
  };
  const references = Math.max(2, Math.ceil(perAspect * referencesPerHundred / 100));
  while (scenes.length < references) add(randomScene({ ...choice, alone: aloneAmongReferences }, rng));
  const queries = sceneAspects.flatMap((aspect) =>
    drawQueries(scenes.slice(0, references), aspect, perAspect, choice, rng)
      .map((edit): SceneQuery => ({
        aspect,
        reference: add(edit.reference),
        target: add(edit.target),
        texts: Object.fromEntries(
          sceneWordings.map((wording) => [wording, sceneText(edit.changes, wording, rng)]),
        ) as Record<SceneWording, string>,
      }))
  );
  if (scenes.length > size) {
    throw new Error(
      `Building the benchmark of scenes failed: its queries have ${scenes.length} scenes, and the gallery ${size}; ask ` +
        "for more scenes or fewer queries.",
    );
  }
  while (scenes.length < size) add(randomSibling(scenes[rng.int(references)], choice, rng));
  const asked = [...new Set(queries.map(({ reference }) => reference))].sort((a, b) => a - b);
  const total = size * renderings + asked.length;
  const noto = await loadSprites("noto"), fluent = await loadSprites("fluent");
  const all = scenes.flatMap((scene) => Array<Scene>(renderings).fill(scene));
  return {
    ...{ splitSeed, split, scenes, queries },
    captions: scenes.map(sceneCaption),
    gallery: drawAll(all, noto, rng, (done) => onProgress(done, total)),
    fluent: {
      scenes: asked,
      pixels: drawAll(asked.map((i) => scenes[i]), fluent, rng, (done) => onProgress(all.length + done, total)),
    },
    sources: [noto.source, fluent.source],
  };
}

/** Draws edits of one aspect, each of another reference as long as there are any. */
function drawQueries(
  references: readonly Scene[],
  aspect: SceneAspect,
  count: number,
  choice: { kinds: readonly number[]; together: (a: number, b: number) => boolean },
  rng: Random,
): SceneEdit[] {
  const drawn: SceneEdit[] = [], known = new Set<string>();
  for (let turn = 0; drawn.length < count && turn < 20; turn++) {
    for (const reference of rng.shuffle(references)) {
      const edit = drawn.length < count ? drawEdit(reference, aspect, choice, rng) : undefined;
      const key = edit && `${sceneKey(reference)} ${sceneKey(edit.target)}`;
      if (!edit || known.has(key!) || sceneKey(edit.target) === sceneKey(reference)) continue;
      known.add(key!);
      drawn.push(edit);
    }
  }
  if (drawn.length === count) return drawn;
  throw new Error(
    `Building the benchmark of scenes failed: of ${count} edits of ${aspect} there are ${drawn.length}; ask for fewer.`,
  );
}

/** Draws scenes one after the other. @returns `[N, 64, 64, 3]` bytes */
function drawAll(
  scenes: readonly Scene[],
  sprites: SpriteSet,
  rng: Random,
  onProgress: (done: number) => void,
): Uint8Array {
  const bytes = sceneSize * sceneSize * 3, pixels = new Uint8Array(scenes.length * bytes);
  scenes.forEach((scene, i) => {
    drawScene(scene, sprites, pixels.subarray(i * bytes, (i + 1) * bytes), rng);
    if (i % 100 === 99) onProgress(i + 1);
  });
  onProgress(scenes.length);
  return pixels;
}

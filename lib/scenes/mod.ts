/**
 * Scenes: a second embedded benchmark, of drawings of one or two kinds of things with their number, size and background,
 * and edits by CIRCO's aspects.
 *
 * @example A query of the benchmark
 * ```ts
 * import { scenesBenchmark } from "@rtd/toolkit/scenes";
 *
 * const { queries, captions } = await scenesBenchmark({ queries: 2, scenes: 60 });
 * const [{ reference, texts, target }] = queries;
 * console.log(`${captions[reference]} + "${texts.seen}" -> ${captions[target]}`);
 * ```
 *
 * @module
 */
export {
  type SceneQuery,
  type ScenesBenchmark,
  scenesBenchmark,
  type ScenesBenchmarkOptions,
} from "./data/benchmark.ts";
export { describeScene, drawSceneCaption, maskSceneCaption, sceneCaption, sceneWords } from "./data/captions.ts";
export { drawScene, sceneSize } from "./data/draw_scene.ts";
export { drawEdit, type EditChoice, type SceneAspect, sceneAspects, type SceneEdit } from "./data/edits.ts";
export { type Kind, kinds } from "./data/kinds.ts";
export { isHeldOut, type SceneSplit, splitKinds } from "./data/pairs.ts";
export {
  type Background,
  backgrounds,
  type Group,
  randomScene,
  type Scene,
  type SceneChoice,
  sceneKey,
  type Side,
  sides,
  type Size,
  sizes,
} from "./data/scene.ts";
export { loadSprites, type Sprite, type SpriteSet } from "./data/sprites.ts";
export { type SceneSampler, sceneSampler } from "./data/triplets.ts";
export {
  type SceneChange,
  type SceneSaying,
  sceneTemplates,
  sceneText,
  type SceneWording,
  sceneWordings,
} from "./data/wording.ts";
export { binding, type BindingFactor, type BindingOptions } from "./evaluation/binding.ts";
export { rankScenes, type RankScenesOptions } from "./evaluation/rank_scenes.ts";
export { type Finding, findings, whatIsFound } from "./evaluation/what_is_found.ts";
export { encodeSceneImages, sceneImageCaptions, sceneParts, type SceneSetting } from "./evaluation/part.ts";
export { scenesModelFolder } from "./model/scenes_model.ts";
export { querySheet, type SceneSheet, sceneSheet } from "./report/scene_sheet.ts";

/** The embedded CLIP of scenes: its folder, its sizes, its tokenizer. */
import type { ClipConfig } from "../../clip/model/config.ts";
import { makeTokenizer, type Tokenizer } from "../../clip/model/tokenizer.ts";
import { embeddedTokenizerJson } from "../../embedded/tokenizer.ts";
import { sceneWords } from "../data/captions.ts";
import { sceneSize } from "../data/draw_scene.ts";

/** Returns the folder of the embedded CLIP of scenes, as `loadClip` reads it. */
export function scenesModelFolder(): URL {
  return new URL("../../../data/scenes-clip/", import.meta.url);
}

const tower = { activation: "quick_gelu", layerNormEps: 1e-5 } as const;

/** Returns the configuration. @param vocabulary number of tokens, special ones included */
export function scenesConfig(vocabulary: number): ClipConfig {
  return {
    projectionWidth: 128,
    text: {
      ...{ ...tower, width: 128, layers: 3, heads: 4, mlpWidth: 512 },
      ...{ vocabulary, context: 48, pooling: { at: "first end of text", id: 1 } },
    },
    // A patch is a cell of the board: with smaller ones a step takes several times as long.
    vision: { ...tower, width: 160, layers: 4, heads: 4, mlpWidth: 640, imageSize: sceneSize, patchSize: 16 },
  };
}

/** Returns the configuration and the tokenizer before pretraining; the vocabulary is the words of all texts. */
export function untrainedScenesClip(): { config: ClipConfig; tokenizer: Tokenizer } {
  const words = sceneWords(), config = scenesConfig(words.length + 4);
  return { config, tokenizer: makeTokenizer(embeddedTokenizerJson(words), config.text, "the tokenizer of scenes") };
}

/**
 * One of the small golden CLIPs with a tokenizer whose texts are token ids: "37 5 3 39", where 3 is the placeholder.
 */
import * as tf from "../../lib/tensors/tf.ts";
import { clipPreprocessing } from "../../lib/clip/images/preprocess.ts";
import { type ClipConfig, parseClipConfig } from "../../lib/clip/model/config.ts";
import type { Clip } from "../../lib/clip/files/model_folder.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import { batchOf } from "../clip/token_batch.ts";
import { readGolden } from "../golden.ts";

function goldenConfig(): ClipConfig {
  return parseClipConfig(readGolden<{ config: unknown }>("tiny_clip_quick_gelu.json").config, "golden");
}

/** Makes it on the backend in use. @param prompt the ids of "a photo of [$]" */
export function goldenClip(prompt = [37, 5, 3, 39]): Clip {
  const file = new URL("../goldens/tiny_clip_quick_gelu.safetensors", import.meta.url);
  const { arrays } = readSafetensors(Deno.readFileSync(file), file.pathname);
  const config = goldenConfig();
  const ids = (text: string) => {
    if (text === "a photo of [$]") return prompt;
    return text.replace("a photo of [$] that", "37 5 3").split(/[, ]+/).map(Number);
  };
  return {
    config,
    preprocessing: clipPreprocessing(config.vision.imageSize),
    tokenizer: {
      encode: (texts) => batchOf(texts.map(ids)),
      unknownWords: () => [],
      tokens: (text) => text.split(" "),
      json: {},
    },
    weights: Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
    ),
    hash: "golden",
    identity: "golden identity",
  };
}

/** The configuration of a CLIP whose tokens, and embeddings, are of another width. */
export function ofWidth(token: number, embedding = 14): Pick<Clip, "config"> {
  const config = goldenConfig();
  return { config: { ...config, projectionWidth: embedding, text: { ...config.text, width: token } } };
}

/** Ids as a text of {@linkcode goldenClip}. */
export function textOf(ids: readonly number[]): string {
  return ids.join(" ");
}

/** One of the small golden CLIPs with a tokenizer whose texts are token ids: "37 5 3 39", where 3 is the pseudo-word. */
import * as tf from "../../lib/tensors/tf.ts";
import { parseClipConfig } from "../../lib/clip/model/config.ts";
import type { Clip } from "../../lib/clip/files/model_folder.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import { batchOf } from "../clip/parity.ts";
import { readGolden } from "../golden.ts";

/** Makes it on the backend in use. @param prompt the ids of "a photo of [$]" */
export function goldenClip(prompt = [37, 5, 3, 39]): Clip {
  const file = new URL("../goldens/tiny_clip_quick_gelu.safetensors", import.meta.url);
  const { arrays } = readSafetensors(Deno.readFileSync(file), file.pathname);
  const { config } = readGolden<{ config: unknown }>("tiny_clip_quick_gelu.json");
  const ids = (text: string) => text === "a photo of [$]" ? prompt : text.split(" ").map(Number);
  return {
    config: parseClipConfig(config, "golden"),
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
  };
}

/** Ids as a text of {@linkcode goldenClip}. */
export function textOf(ids: readonly number[]): string {
  return ids.join(" ");
}

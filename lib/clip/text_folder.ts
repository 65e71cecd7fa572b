/** A text encoder on its own: out as a Hugging Face folder, in from one or from RTD's released checkpoints. */
import * as tf from "@tensorflow/tfjs";
import { writeAtomically } from "../formats/atomic_write.ts";
import type { NamedArray } from "../formats/safetensors.ts";
import { writeSafetensors } from "../formats/safetensors.ts";
import { readTorchCheckpoint, stateDict } from "../formats/torch_checkpoint.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { type ClipConfig, textConfigJson } from "./config.ts";
import { type Clip, ignoredTensor, readArrays } from "./model_folder.ts";
import { textShapes } from "./shapes.ts";
import { weight, type Weights } from "./weights.ts";

/**
 * Writes a folder that `CLIPTextModelWithProjection.from_pretrained` and {@linkcode loadTextEncoder} read.
 *
 * @param text the text tower's weights and its projection; others are left out
 * @param metadata strings for the header of `model.safetensors`
 */
export async function saveTextEncoder(
  folder: URL,
  { config, tokenizer }: Pick<Clip, "config" | "tokenizer">,
  text: Weights,
  metadata: Record<string, string> = {},
): Promise<void> {
  const tower = Object.fromEntries(Object.keys(textShapes(config)).map((name) => [name, weight(text, name)]));
  const json = { architectures: ["CLIPTextModelWithProjection"], ...textConfigJson(config) };
  const write = (name: string, content: Uint8Array | string) => writeAtomically(new URL(name, folder), content);
  await write("config.json", JSON.stringify(json, null, 2) + "\n");
  await write("tokenizer.json", JSON.stringify(tokenizer.json) + "\n");
  const special = { bos_token: "<|startoftext|>", eos_token: "<|endoftext|>", pad_token: "<|endoftext|>" };
  const settings = { tokenizer_class: "PreTrainedTokenizerFast", model_max_length: config.text.context, ...special };
  await write("tokenizer_config.json", JSON.stringify(settings, null, 2) + "\n");
  await write("model.safetensors", writeSafetensors(await readArrays(tower), { format: "pt", ...metadata }));
}

/**
 * Loads a tuned text encoder for a CLIP: a folder as {@linkcode saveTextEncoder} writes it (a URL that ends with "/"), or
 * a released `.pt` with `CLIPTextModelWithProjection` inside.
 *
 * @throws {Error} if a tensor is missing, or of another shape than the CLIP's own
 */
export async function loadTextEncoder(place: URL, config: ClipConfig): Promise<Weights> {
  const expected = textShapes(config), path = place.pathname;
  let read: (name: string) => NamedArray | undefined, close = () => {};
  let names: string[];
  if (path.endsWith("/")) {
    const checkpoint = openCheckpoint(place);
    close = checkpoint.close;
    names = Object.keys(checkpoint.shapes);
    read = (name) => checkpoint.shapes[name] ? checkpoint.read(name) : undefined;
  } else {
    const arrays = stateDict(readTorchCheckpoint(await Deno.readFile(place), path), "CLIPTextModelWithProjection");
    if (!arrays) throw new Error(`Reading ${path} failed: it has no "CLIPTextModelWithProjection".`);
    names = Object.keys(arrays);
    read = (name) => arrays[name];
  }
  const weights: Weights = {};
  try {
    const unknown = names.find((name) => !expected[name] && !ignoredTensor.test(name));
    if (unknown) throw new Error(`Reading ${path} failed: "${unknown}" is no tensor of this text encoder.`);
    for (const [name, shape] of Object.entries(expected)) {
      const found = read(name);
      if (found?.shape.join() !== shape.join()) {
        throw new Error(
          `Reading ${path} failed: "${name}" is ${found ? `[${found.shape}]` : "missing"}, the CLIP has [${shape}].`,
        );
      }
      weights[name] = tf.tensor(found.values, shape);
    }
    return weights;
  } catch (error) {
    tf.dispose(Object.values(weights));
    throw error;
  } finally {
    close();
  }
}

/** What `deno task train-phi --world scenes` trains on: captions and drawings of scenes. */
import { encodeImages } from "../lib/clip/encode.ts";
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { placeholder } from "../lib/clip/model/tokenizer.ts";
import { normaliseImages } from "../lib/embedded/normalise_images.ts";
import type { ImageStyle } from "../lib/embedded/icons.ts";
import { captionPrefixes } from "../lib/scenes/data/captions.ts";
import { sceneCaptions, sceneDrawings } from "../lib/scenes/data/phi_data.ts";
import { loadSprites } from "../lib/scenes/data/sprites.ts";
import { rowsAt } from "../lib/tensors/rows_at.ts";
import * as tf from "../lib/tensors/tf.ts";
import type { CaptionInput, ImageInput } from "./phi_inputs.ts";
import { holdOut } from "./phi_task.ts";
import type { Session } from "./session.ts";

/** Drawings of each style. */
const drawings = 1500;

/** Prompts of the inversion: the beginnings of captions with which the CLIP was pretrained. */
export const inversionPrompts = captionPrefixes.map((prefix) => `${prefix} ${placeholder}`);

/** Captions of scenes; drawings stand in for captions in the validation, since no image is trained on. */
export async function drawnSceneCaptions(clip: Clip, session: Session): Promise<CaptionInput> {
  const { features, heldOut, data } = await drawnScenes(clip, ["noto"], session);
  const held = rowsAt(features, heldOut); // [H, P]
  features.dispose();
  return {
    captions: sceneCaptions(),
    heldOut: held,
    data: `captions drawn from scenes of all kinds; validated on ${heldOut.length} of ${data}`,
  };
}

/** Drawings of scenes of all kinds. */
export async function drawnScenes(clip: Clip, styles: readonly ImageStyle[], session: Session): Promise<ImageInput> {
  const names: string[] = [], parts: tf.Tensor2D[] = [], sources: string[] = [];
  for (const [i, style] of styles.entries()) {
    const sprites = await loadSprites(style), drawn = sceneDrawings(drawings, sprites, i + 1);
    const onProgress = (done: number, total: number) => session.stage(`encoding ${style} scenes`, done, total);
    parts.push(await encodeImages(clip, normaliseImages(drawn.pixels), { onProgress })); // [n, P]
    names.push(...drawn.names);
    sources.push(`${drawings} scenes of ${sprites.source}`);
  }
  session.stageDone();
  const features = tf.concat(parts) as tf.Tensor2D; // [N, P]
  tf.dispose(parts);
  return { names, features, ...holdOut(names.length), data: sources.join(", ") };
}

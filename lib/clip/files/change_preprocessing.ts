/** Another preprocessing for a loaded CLIP. */
import type { Preprocessing } from "../images/preprocess.ts";
import { clipIdentity } from "./clip_identity.ts";
import type { Clip } from "./model_folder.ts";

/**
 * Returns a CLIP with another preprocessing and the identity that belongs to it; `clip` is unchanged, and its weights
 * are shared. (`{ ...clip, preprocessing }` would keep the old identity, and caches and checkpoints would be confused.)
 *
 * @param changes the fields that change; the size is the model's own and stays
 *
 * @example
 * ```ts
 * import { useDevice } from "@rtd/toolkit";
 * import { changePreprocessing, loadClip } from "@rtd/toolkit/clip";
 * import { embeddedModelFolder } from "@rtd/toolkit/emoji";
 *
 * await useDevice("wasm");
 * const clip = await loadClip(embeddedModelFolder());
 * const padded = await changePreprocessing(clip, { targetPad: 1.25 });
 * console.log(padded.identity !== clip.identity); // true
 * ```
 */
export async function changePreprocessing(clip: Clip, changes: Partial<Omit<Preprocessing, "size">>): Promise<Clip> {
  const changed = { ...clip, preprocessing: { ...clip.preprocessing, ...changes } };
  return { ...changed, identity: await clipIdentity(changed) };
}

/** Features of images from their captions, cached on disk: a run that is killed does not encode them again. */
import { backendName } from "../backend/backend_name.ts";
import type { Clip } from "../clip/files/model_folder.ts";
import { repairText } from "../clip/model/repair_text.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { jsonHash } from "../io/hash.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { inFolder, type Path } from "../io/path.ts";
import { readIfThere } from "../io/read_file.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { readArrays } from "../tensors/weights.ts";
import * as tf from "../tensors/tf.ts";
import { captionFeatures, type ImageCaptions } from "./caption_features.ts";
import type { FeatureRows } from "./rank_part.ts";

/**
 * Computes {@linkcode captionFeatures}, or reads them from a cache that the CLIP, the backend and the captions name.
 *
 * @param ids ids of the images; one without captions gets no row
 * @returns `[N, P]` rows by id; the caller disposes them
 * @throws {Error} if the cached file is damaged or of other captions, or the disk refuses
 */
export async function cachedCaptionFeatures(
  clip: Pick<Clip, "weights" | "config" | "tokenizer" | "identity">,
  captions: ImageCaptions,
  ids: readonly string[],
  { cache, onProgress }: { cache: Path; onProgress?: OnProgress },
): Promise<FeatureRows> {
  const present = ids.filter((id) => captions.has(id));
  // As the tokenizer reads them: the name of a cache made before it repaired texts is another, where that matters.
  const texts = present.map((id) => [id, captions.get(id)!.map(repairText)]);
  const key = await jsonHash({ clip: clip.identity, backend: backendName(), captions: texts });
  const file = inFolder(cache, `captions-${key.slice(0, 16)}.safetensors`), bytes = await readIfThere(file);
  if (bytes !== undefined) {
    const { arrays: { features }, metadata } = readSafetensors(bytes, file), P = clip.config.projectionWidth;
    if (metadata.key !== key || features?.shape.join() !== [present.length, P].join()) {
      throw new Error(`Reading features failed: ${file} belongs to other captions or weights; delete it.`);
    }
    return { rows: tf.tensor2d(features.values, [present.length, P]), index: new Map(present.map((id, i) => [id, i])) };
  }
  const made = await captionFeatures(clip, captions, ids, { onProgress });
  try {
    await writeAtomically(file, writeSafetensors(await readArrays({ features: made.rows }), { key }));
  } catch (error) {
    made.rows.dispose();
    throw error;
  }
  return made;
}

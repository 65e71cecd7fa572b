/** Naive fine-tuning (Table 8) with data that a testbed file names. */
import type { Clip } from "../clip/files/model_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import { type ImageFile, imageFilesIn } from "../clip/images/image_files.ts";
import { jsonHash } from "../io/hash.ts";
import { readCaptions } from "../projection/lincir/caption_file.ts";
import { lincirObjective, type MaskedCaption } from "../projection/lincir/lincir.ts";
import type { Phi } from "../projection/phi.ts";
import { paperPhiRecipes } from "../projection/phi_recipes.ts";
import { pic2wordObjective } from "../projection/pic2word/pic2word.ts";
import type { FineTuned, FineTuningControl } from "../rtd/fine_tune_text.ts";
import { fineTuneNaively, type NaiveRecipe } from "../rtd/naive_fine_tuning.ts";
import { listSampler } from "../training/epoch_sampler.ts";
import type { NaiveEntry } from "./testbed_file.ts";

/** Data of a naive fine-tuning, read and checked. */
export type NaiveData =
  & { /** Captions or images a step. */ batch: number; /** Hash of the data and the choices. */ hash: string }
  & ({ loss: "LinCIR"; captions: readonly MaskedCaption[] } | { loss: "Pic2Word"; images: readonly ImageFile[] });

/** Scale of the noise in LinCIR's loss, as published. */
const { noise } = paperPhiRecipes(1, 1).LinCIR;

/** Reads the data. @param phi what the entry belongs to @throws {Error} if it is not what the loss needs */
export async function readNaiveData(entry: NaiveEntry, phi: string): Promise<NaiveData> {
  const { loss, captions: file, images: folder } = entry, needed = loss === "LinCIR" ? "captions" : "images";
  if (entry[needed] === undefined) throw new Error(`Reading naive of ${phi} failed: ${loss}'s loss needs "${needed}".`);
  const other = needed === "captions" ? "images" : "captions";
  if (entry[other] !== undefined) {
    throw new Error(`Reading naive of ${phi} failed: ${loss}'s loss does not use "${other}"; leave it out.`);
  }
  const batch = entry.batch ?? paperPhiRecipes(1, 1)[loss].batch;
  if (loss === "LinCIR") {
    const { captions } = await readCaptions(file!);
    return { loss, batch, captions, hash: await jsonHash([loss, batch, noise, captions]) };
  }
  const images = await imageFilesIn(folder!), rows = [];
  if (images.length < 2) throw new Error(`Reading naive of ${phi} failed: ${folder} holds 1 image; give at least 2.`);
  for (const { id, path } of images) rows.push([id, (await Deno.stat(path)).size]);
  return { loss, batch, images, hash: await jsonHash([loss, batch, rows]) };
}

/** Fine-tunes the text encoder with the loss of the data. @param cache folder of cached image features */
export async function fineTuneOn(
  data: NaiveData,
  { clip, phi, cache, anchor, recipe, ...control }:
    & { clip: Clip; phi: Phi; cache: string; anchor: boolean; recipe: NaiveRecipe }
    & FineTuningControl,
): Promise<FineTuned> {
  const { loss, batch } = data, { input } = phi, seed = recipe.seed + 1;
  const description = { method: loss, anchor, batch, input };
  if (loss === "LinCIR") {
    const objective = lincirObjective(clip, listSampler(data.captions), seed, { batch, noise, input, anchor });
    return await fineTuneNaively({ ...control, clip, phi, objective, description, recipe });
  }
  const { features } = await encodeImageFiles(clip, data.images, { cache });
  try {
    const objective = pic2wordObjective(clip, features, seed, { batch, input });
    return await fineTuneNaively({ ...control, clip, phi, objective, description, recipe });
  } finally {
    features.dispose();
  }
}

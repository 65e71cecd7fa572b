/** Naive fine-tuning (Table 8) with data that a testbed file names. */
import type { Clip } from "../clip/files/model_folder.ts";
import { encodeImageFiles } from "../clip/images/image_features.ts";
import { type ImageFile, imageFilesIn } from "../clip/images/image_files.ts";
import { cachedCaptionFeatures } from "../evaluation/cached_caption_features.ts";
import type { ImageCaptions } from "../evaluation/caption_features.ts";
import { jsonHash } from "../io/hash.ts";
import { readCaptions } from "../projection/lincir/caption_file.ts";
import { lincirObjective, type MaskedCaption } from "../projection/lincir/lincir.ts";
import type { Phi } from "../projection/phi.ts";
import { paperPhiRecipes } from "../projection/phi_recipes.ts";
import type { Objective } from "../projection/objective.ts";
import { pic2wordObjective } from "../projection/pic2word/pic2word.ts";
import { type Phrases, rankConcepts, type RankedConcepts, readPhrases } from "../projection/searle/phrases.ts";
import { searleObjective } from "../projection/searle/searle.ts";
import type { FineTuned, FineTuningControl } from "../rtd/fine_tune_text.ts";
import { fineTuneNaively, type NaiveRecipe } from "../rtd/naive_fine_tuning.ts";
import { listSampler } from "../training/epoch_sampler.ts";
import type { NaiveEntry } from "./testbed_file.ts";

/** Data of a naive fine-tuning, read and checked. */
export type NaiveData =
  & { /** Captions or images a step. */ batch: number; /** Hash of the data and the choices. */ hash: string }
  & (
    | { loss: "LinCIR"; captions: readonly MaskedCaption[] }
    | { loss: "Pic2Word"; images: readonly ImageFile[] }
    | SearleData
  );

/** Data of SEARLE's loss: concept phrases, and images, or captions in their place. */
type SearleData =
  & { loss: "SEARLE"; phrases: Phrases }
  & ({ images: readonly ImageFile[] } | { captions: ImageCaptions });

/** Scale of the noise in LinCIR's loss, and choices of SEARLE's, as published. */
const { LinCIR: { noise }, SEARLE: { temperature, phraseWeight, concepts }, inversion: { templates } } =
  paperPhiRecipes(
    1,
    1,
  );

/** What each loss needs; of alternatives, one. */
const neededBy = {
  LinCIR: [["captions"]],
  Pic2Word: [["images"]],
  SEARLE: [["phrases"], ["images", "captions"]],
} as const;

/** Reads the data. @param phi what the entry belongs to @throws {Error} if it is not what the loss needs */
export async function readNaiveData(entry: NaiveEntry, phi: string): Promise<NaiveData> {
  const { loss } = entry, failed = `Reading naive of ${phi} failed`;
  checkKeys(entry, failed);
  const batch = entry.batch ?? paperPhiRecipes(1, 1)[loss].batch;
  if (loss === "LinCIR") {
    const { captions } = await readCaptions(entry.captions!);
    return { loss, batch, captions, hash: await jsonHash([loss, batch, noise, captions]) };
  }
  if (loss === "Pic2Word") {
    const { images, rows } = await readImageList(entry.images!, failed);
    return { loss, batch, images, hash: await jsonHash([loss, batch, rows]) };
  }
  const phrases = await readPhrases(entry.phrases!), choices = [loss, batch, phraseWeight, concepts, templates];
  if (entry.images !== undefined) {
    const { images, rows } = await readImageList(entry.images, failed);
    return { loss, batch, phrases, images, hash: await jsonHash([...choices, [...phrases], rows]) };
  }
  const { captions: read } = await readCaptions(entry.captions!), texts = read.map(({ caption }) => caption);
  if (texts.length < 2) throw new Error(`${failed}: ${entry.captions} holds 1 caption; give at least 2.`);
  const captions = new Map(texts.map((text, i) => [String(i), [text]]));
  return { loss, batch, phrases, captions, hash: await jsonHash([...choices, [...phrases], texts]) };
}

/** Whether the entry names what its loss needs, and nothing else. */
function checkKeys(entry: NaiveEntry, failed: string): void {
  const { loss } = entry, needed: readonly (readonly (keyof NaiveEntry)[])[] = neededBy[loss];
  for (const alternatives of needed) {
    const named = alternatives.filter((key) => entry[key] !== undefined);
    const texts = alternatives.map((key) => `"${key}"`).join(" or ");
    if (named.length === 0) throw new Error(`${failed}: ${loss}'s loss needs ${texts}.`);
    if (named.length > 1) {
      throw new Error(`${failed}: ${loss}'s loss needs ${texts}, and both are named; leave one out.`);
    }
  }
  const other = (["captions", "images", "phrases"] as const)
    .find((key) => entry[key] !== undefined && !needed.flat().includes(key));
  if (other) throw new Error(`${failed}: ${loss}'s loss does not use "${other}"; leave it out.`);
}

/** Lists the images of a folder, and what tells them apart on every machine. */
async function readImageList(folder: string, failed: string): Promise<{ images: ImageFile[]; rows: unknown[] }> {
  const images = await imageFilesIn(folder), rows = [];
  if (images.length < 2) throw new Error(`${failed}: ${folder} holds 1 image; give at least 2.`);
  for (const { id, path } of images) rows.push([id, (await Deno.stat(path)).size]);
  return { images, rows };
}

/** Whether the data needs the image tower. */
export function needsImages(data: NaiveData): boolean {
  return "images" in data;
}

/** Concepts ranked for the images of some data, which each fine-tuning on it would encode anew. */
const ranked = new WeakMap<SearleData, RankedConcepts>();

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
  const features = "images" in data
    ? (await encodeImageFiles(clip, data.images, { cache })).features
    : (await cachedCaptionFeatures(clip, data.captions, [...data.captions.keys()], { cache })).rows; // [N, P]
  try {
    const fineTune = async <State>(objective: Objective<State>, choices: Record<string, unknown> = {}) => {
      const described = { ...description, ...choices };
      return await fineTuneNaively({ ...control, clip, phi, objective, description: described, recipe });
    };
    if (loss === "Pic2Word") return await fineTune(pic2wordObjective(clip, features, seed, { batch, input }));
    const best = ranked.get(data) ?? await rankConcepts(clip, features, data.phrases, concepts, { templates });
    ranked.set(data, best);
    // Inverted pseudo-tokens are needless: phi is frozen, and they do not reach the text encoder.
    const images = { features, draw: best.drawer(concepts) };
    const options = { batch, input, temperature, phraseWeight, anchor };
    return await fineTune(searleObjective(clip, images, seed, options), { phraseWeight });
  } finally {
    features.dispose();
  }
}

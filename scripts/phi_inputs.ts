/** What `deno task train-phi` trains on: the embedded data, or the user's own files. */
import * as tf from "@tensorflow/tfjs";
import { encodePictures, encodeTexts } from "../lib/clip/encode_all.ts";
import { type Clip, jsonHash } from "../lib/clip/model_folder.ts";
import { pictureFeatures } from "../lib/clip/picture_features.ts";
import { loadPreprocessing, pictureFilesIn } from "../lib/clip/picture_files.ts";
import { normalisePictures } from "../lib/emoji/augment.ts";
import { emojiCatalogue } from "../lib/emoji/catalogue.ts";
import { loadIcons, type PictureStyle } from "../lib/emoji/icons.ts";
import { emojiCaptions, emojiPhrases } from "../lib/emoji/phi_data.ts";
import { drawPictures } from "../lib/emoji/pictures.ts";
import { readCaptions } from "../lib/projection/caption_file.ts";
import type { MaskedCaption } from "../lib/projection/lincir.ts";
import { type Phrases, readPhrases } from "../lib/projection/phrases.ts";
import { epochSampler, type EpochState } from "../lib/training/epoch_sampler.ts";
import { progress } from "../lib/training/progress.ts";
import type { RandomState } from "../lib/training/random.ts";
import type { Sampler } from "../lib/training/sampler.ts";

/** One of ten items, up to this many, is kept from training for validation. */
const mostHeldOut = 500;

/** Captions to train on, and features of others to validate with. */
export interface CaptionInput {
  makeSampler: (start: unknown) => Sampler<MaskedCaption>;
  /** `[H, P]` */
  heldOut: tf.Tensor2D;
  data: string;
}

/** Pictures to train on and to validate with. */
export interface PictureInput {
  names: string[];
  /** `[N, P]`: all of them, those held out too. */
  features: tf.Tensor2D;
  /** Places of those to train on, and of those held out. */
  training: number[];
  heldOut: number[];
  data: string;
}

/** Every tenth place is held out, up to a number. */
function holdOut(count: number): Pick<PictureInput, "training" | "heldOut"> {
  const places = [...Array(count).keys()];
  const heldOut = places.filter((place) => place % 10 === 9).slice(0, mostHeldOut);
  const held = new Set(heldOut);
  return { training: places.filter((place) => !held.has(place)), heldOut };
}

/** Captions of the embedded data; pictures stand in for captions in the validation, since no picture is trained on. */
export async function embeddedCaptions(clip: Clip): Promise<CaptionInput> {
  const { names, features, heldOut } = await embeddedPictures(clip, ["noto"]);
  const emoji = emojiCatalogue();
  const held = tf.tidy(() => tf.gather(features, tf.tensor1d(heldOut, "int32"))); // [H, P]
  features.dispose();
  return {
    makeSampler: (start) => emojiCaptions(emoji, start as number | RandomState),
    heldOut: held,
    data: `captions drawn from ${emoji.length} emoji; validated on ${heldOut.length} of ${names.length} Noto pictures`,
  };
}

/** Pictures of the embedded data. */
export async function embeddedPictures(clip: Clip, styles: readonly PictureStyle[]): Promise<PictureInput> {
  const wanted = new Set(emojiCatalogue().map(({ code }) => code));
  const bar = progress("drawing and encoding pictures");
  const names: string[] = [], parts: tf.Tensor2D[] = [], sources: string[] = [];
  for (const [index, style] of styles.entries()) {
    const { codes, pixels, source } = await drawPictures(await loadIcons(style), wanted);
    bar.update(index + 0.5, styles.length);
    parts.push(await encodePictures(clip.weights, clip.config, normalisePictures(pixels)));
    bar.update(index + 1, styles.length);
    names.push(...codes.map((code) => `${style}/${code}`));
    sources.push(`${codes.length} of ${source}`);
  }
  bar.done();
  const features = tf.concat(parts) as tf.Tensor2D; // [N, P]
  tf.dispose(parts);
  return { names, features, ...holdOut(names.length), data: sources.join(", ") };
}

/** Phrases of the embedded data. */
export function embeddedPhrases(): { phrases: Phrases; source: string } {
  const phrases = emojiPhrases(emojiCatalogue());
  return { phrases, source: `${phrases.size} concepts of emojibase labels and search words` };
}

/** The user's captions. @throws {Error} if none of them has a keyword */
export async function ownCaptions(clip: Clip, file: string): Promise<CaptionInput> {
  const { captions, withoutKeyword } = await readCaptions(file);
  if (withoutKeyword > 0) console.log(`${withoutKeyword} captions without a keyword are left out`);
  const { training, heldOut } = holdOut(captions.length);
  const kept = training.map((place) => captions[place]);
  const hash = await jsonHash(captions);
  return {
    makeSampler: (start) => epochSampler(kept, start as number | EpochState),
    heldOut: await encodeTexts(clip, heldOut.map((place) => captions[place].caption)), // [H, P]
    data: `${captions.length} captions, SHA-256 ${hash}`,
  };
}

/** The user's pictures, encoded once and remembered. @throws {Error} if the folder has none, or one is unreadable */
export async function ownPictures(clip: Clip, clipFolder: URL, folder: string): Promise<PictureInput> {
  const files = await pictureFilesIn(folder);
  const preprocessing = await loadPreprocessing(clipFolder, clip.config.vision.imageSize);
  const bar = progress("encoding pictures");
  const { features, key } = await pictureFeatures(clip, preprocessing, files, ".cache/features", {
    onEncoded: bar.update,
  }); // [N, P]
  bar.done();
  const names = files.map(({ id }) => id);
  return { names, features, ...holdOut(names.length), data: `${names.length} pictures, features ${key}` };
}

/** The user's phrases. */
export async function ownPhrases(file: string): Promise<{ phrases: Phrases; source: string }> {
  const phrases = await readPhrases(file);
  const hash = await jsonHash([...phrases]);
  return { phrases, source: `${phrases.size} concepts, SHA-256 ${hash}` };
}

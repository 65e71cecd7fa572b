/** What `deno task train-phi` trains on: the embedded data, or the user's own files. */
import * as tf from "../lib/tensors/tf.ts";
import { encodeImages, encodeTexts } from "../lib/clip/encode.ts";
import { type Clip } from "../lib/clip/files/model_folder.ts";
import { jsonHash } from "../lib/io/hash.ts";
import { encodeImageFiles } from "../lib/clip/images/image_features.ts";
import { loadPreprocessing, imageFilesIn } from "../lib/clip/images/image_files.ts";
import { normaliseImages } from "../lib/emoji/data/augment.ts";
import { emojiCatalogue } from "../lib/emoji/data/catalogue.ts";
import { loadIcons, type ImageStyle } from "../lib/emoji/data/icons.ts";
import { emojiCaptions, emojiPhrases } from "../lib/emoji/data/phi_data.ts";
import { drawImages } from "../lib/emoji/data/images.ts";
import { readCaptions } from "../lib/projection/lincir/caption_file.ts";
import type { MaskedCaption } from "../lib/projection/lincir/lincir.ts";
import { type Phrases, readPhrases } from "../lib/projection/searle/phrases.ts";
import { epochSampler, type EpochState } from "../lib/training/epoch_sampler.ts";
import { progress } from "../lib/report/progress.ts";
import type { RandomState } from "../lib/tensors/random.ts";
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

/** Images to train on and to validate with. */
export interface ImageInput {
  names: string[];
  /** `[N, P]`: all of them, those held out too. */
  features: tf.Tensor2D;
  /** Places of those to train on, and of those held out. */
  training: number[];
  heldOut: number[];
  data: string;
}

/** Every tenth place is held out, up to a number. */
function holdOut(count: number): Pick<ImageInput, "training" | "heldOut"> {
  const places = [...Array(count).keys()];
  const heldOut = places.filter((place) => place % 10 === 9).slice(0, mostHeldOut);
  const held = new Set(heldOut);
  return { training: places.filter((place) => !held.has(place)), heldOut };
}

/** Captions of the embedded data; images stand in for captions in the validation, since no image is trained on. */
export async function embeddedCaptions(clip: Clip): Promise<CaptionInput> {
  const { names, features, heldOut } = await embeddedImages(clip, ["noto"]);
  const emoji = emojiCatalogue();
  const held = tf.tidy(() => tf.gather(features, tf.tensor1d(heldOut, "int32"))); // [H, P]
  features.dispose();
  return {
    makeSampler: (start) => emojiCaptions(emoji, start as number | RandomState),
    heldOut: held,
    data: `captions drawn from ${emoji.length} emoji; validated on ${heldOut.length} of ${names.length} Noto images`,
  };
}

/** Images of the embedded data. */
export async function embeddedImages(clip: Clip, styles: readonly ImageStyle[]): Promise<ImageInput> {
  const wanted = new Set(emojiCatalogue().map(({ code }) => code));
  const bar = progress("drawing and encoding images");
  const names: string[] = [], parts: tf.Tensor2D[] = [], sources: string[] = [];
  for (const [index, style] of styles.entries()) {
    const { codes, pixels, source } = await drawImages(await loadIcons(style), wanted);
    bar.update(index + 0.5, styles.length);
    parts.push(await encodeImages(clip.weights, clip.config, normaliseImages(pixels)));
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

/** The user's images, encoded once and cached. @throws {Error} if the folder has none, or one is unreadable */
export async function ownImages(clip: Clip, clipFolder: URL, folder: string): Promise<ImageInput> {
  const files = await imageFilesIn(folder);
  const preprocessing = await loadPreprocessing(clipFolder, clip.config.vision.imageSize);
  const bar = progress("encoding images");
  const { features, key } = await encodeImageFiles(clip, preprocessing, files, ".cache/features", {
    onEncoded: bar.update,
  }); // [N, P]
  bar.done();
  const names = files.map(({ id }) => id);
  return { names, features, ...holdOut(names.length), data: `${names.length} images, features ${key}` };
}

/** The user's phrases. */
export async function ownPhrases(file: string): Promise<{ phrases: Phrases; source: string }> {
  const phrases = await readPhrases(file);
  const hash = await jsonHash([...phrases]);
  return { phrases, source: `${phrases.size} concepts, SHA-256 ${hash}` };
}

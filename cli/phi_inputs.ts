/** The tensors and texts that `deno task train-phi` trains on, from the embedded data or from the user's own files. */
import { encodeImages, encodeTexts } from "../lib/clip/encode.ts";
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { encodeImageFiles } from "../lib/clip/images/image_features.ts";
import type { ImageFile } from "../lib/clip/images/image_files.ts";
import { normaliseImages } from "../lib/embedded/normalise_images.ts";
import { emojiCatalogue } from "../lib/emoji/data/catalogue.ts";
import { type ImageStyle, loadIcons } from "../lib/embedded/icons.ts";
import { drawImages } from "../lib/emoji/data/images.ts";
import { emojiCaptions } from "../lib/emoji/data/phi_data.ts";
import { jsonHash } from "../lib/io/hash.ts";
import type { CaptionFile } from "../lib/projection/lincir/caption_file.ts";
import type { MaskedCaption } from "../lib/projection/lincir/lincir.ts";
import type { RandomState } from "../lib/tensors/random.ts";
import { rowsAt } from "../lib/tensors/rows_at.ts";
import * as tf from "../lib/tensors/tf.ts";
import type { MakeSampler } from "../lib/training/sampler.ts";
import { holdOut, phiCaches } from "./phi_task.ts";
import type { Session } from "./session.ts";

/** Captions to train on, and features of others to validate with. */
export interface CaptionInput {
  captions: readonly MaskedCaption[] | MakeSampler<MaskedCaption, RandomState>;
  /** `[H, P]` */
  heldOut: tf.Tensor2D;
  /** What the data is, in words. */
  data: string;
}

/** Images to train on and to validate with. */
export interface ImageInput {
  names: string[];
  /** `[N, P]`: all of them, those held out too. */
  features: tf.Tensor2D;
  /** Indices of those to train on, and of those held out. */
  training: number[];
  heldOut: number[];
  /** What the data is, in words. */
  data: string;
}

/** Captions of the embedded data; images stand in for captions in the validation, since no image is trained on. */
export async function embeddedCaptions(clip: Clip, session: Session): Promise<CaptionInput> {
  const { names, features, heldOut } = await embeddedImages(clip, ["noto"], session), emoji = await emojiCatalogue();
  const held = rowsAt(features, heldOut); // [H, P]
  features.dispose();
  return {
    captions: emojiCaptions(emoji),
    heldOut: held,
    data: `captions drawn from ${emoji.length} emoji; validated on ${heldOut.length} of ${names.length} Noto images`,
  };
}

/** Images of the embedded data. */
export async function embeddedImages(clip: Clip, styles: readonly ImageStyle[], session: Session): Promise<ImageInput> {
  const wanted = new Set((await emojiCatalogue()).map(({ code }) => code));
  const names: string[] = [], parts: tf.Tensor2D[] = [], sources: string[] = [];
  for (const style of styles) {
    const drawn = (done: number) => session.stage(`drawing ${style} images`, Math.min(done, wanted.size), wanted.size);
    const { codes, pixels, source } = await drawImages(await loadIcons(style), wanted, drawn);
    const onProgress = (done: number, total: number) => session.stage(`encoding ${style} images`, done, total);
    parts.push(await encodeImages(clip, normaliseImages(pixels), { onProgress })); // [n, P]
    names.push(...codes.map((code) => `${style}/${code}`));
    sources.push(`${codes.length} of ${source}`);
  }
  session.stageDone();
  const features = tf.concat(parts) as tf.Tensor2D; // [N, P]
  tf.dispose(parts);
  return { names, features, ...holdOut(names.length), data: sources.join(", ") };
}

/** The user's captions. */
export async function ownCaptions(clip: Clip, file: CaptionFile, session: Session): Promise<CaptionInput> {
  const { captions, withoutKeyword, withoutWord } = file;
  if (withoutKeyword > 0) console.log(`of ${withoutKeyword} captions without a keyword a random word is masked`);
  if (withoutWord > 0) console.log(`${withoutWord} captions without a letter or digit are left out`);
  const { training, heldOut } = holdOut(captions.length);
  const onProgress = (done: number, total: number) => session.stage("encoding held-out captions", done, total);
  const features = await encodeTexts(clip, heldOut.map((index) => captions[index].caption), { onProgress }); // [H, P]
  session.stageDone();
  return {
    captions: training.map((index) => captions[index]),
    heldOut: features,
    data: `${captions.length} captions, SHA-256 ${await jsonHash(captions)}`,
  };
}

/** The user's images, encoded once and cached. @throws {Error} if one is unreadable */
export async function ownImages(clip: Clip, files: readonly ImageFile[], session: Session): Promise<ImageInput> {
  const { features, key } = await encodeImageFiles(clip, files, {
    cache: phiCaches.features,
    onProgress(done, total, note) {
      session.stage("encoding images", done, total, note);
    },
  }); // [N, P]
  session.stageDone();
  const names = files.map(({ id }) => id);
  return { names, features, ...holdOut(names.length), data: `${names.length} images, features ${key}` };
}

/**
 * The protocol of the embedded benchmark: a Noto picture is asked for with a picture and a text.
 *
 * The reference picture and its pixel-identical twins are taken out of the gallery (CIRR's rule); every picture
 * identical to the target is correct. Figures are recalls per kind of edit and their macro mean.
 *
 * Letters: Q queries, N gallery pictures, P width of the embedding, D width of a token embedding.
 */
import * as tf from "@tensorflow/tfjs";
import { normaliseRows } from "../clip/contrastive_loss.ts";
import { encodePictures, encodeTexts } from "../clip/encode_all.ts";
import type { Clip } from "../clip/model_folder.ts";
import type { Weights } from "../clip/weights.ts";
import { normalisePictures } from "../emoji/augment.ts";
import { type EmojiBenchmark, type EmojiQuery, macroKinds } from "../emoji/benchmark.ts";
import { type EditKind, editKinds } from "../emoji/edits.ts";
import type { Wording } from "../emoji/wording.ts";
import { applyPhi, type Phi, phiInput } from "../projection/phi.ts";
import type { PictureWords } from "../projection/word_file.ts";
import { composedPrompt } from "../rtd/sampler.ts";
import { type Question, type Ranked, rankGallery, recallAt } from "./ranking.ts";

/** How a query is made; the sum and phi + text read both the picture and the text. */
export const queryMethods = ["image only", "text only", "image + text sum", "oracle", "phi + text"] as const;
/** One of {@linkcode queryMethods}; "oracle" is the text of the target's own label. */
export type QueryMethod = typeof queryMethods[number];

/** What is asked, beside the method. */
export interface QuerySetting {
  wording: Wording;
  /** The style of the reference pictures; the gallery is always Noto. */
  references: "noto" | "fluent";
  /** Leaves the reference picture in the gallery. */
  keepReference: boolean;
}

/** The setting of the main figure. */
export const mainSetting: QuerySetting = { wording: "seen", references: "noto", keepReference: false };

/** Recalls in percent, with what they are of. */
export interface EmojiScores {
  method: QueryMethod;
  setting: QuerySetting;
  /** By kind of edit; a kind without queries is absent. */
  kinds: Partial<Record<EditKind, { queries: number; families: number; "R@1": number; "R@5": number; "R@10": number }>>;
  /** Mean over the kinds in `macroOver`. */
  macro: { "R@1": number; "R@5": number; "R@10": number };
  macroOver: EditKind[];
  /** R@1 among the target's family alone, the reference left out, over queries of the macro kinds. */
  familyR1: number;
  gallery: number;
  /** Queries whose reference has no picture in the style asked for. */
  withoutReference: number;
  /** One for each query that was asked. */
  answers: { query: EmojiQuery; ranked: Ranked }[];
}

/** What makes a query's pseudo-word. */
export interface Asker {
  clip: Clip;
  phi: Phi;
  /** Pseudo-words found by inversion (SEARLE-OTI); they take phi's place. Named "noto/CODE". */
  inverted?: Pick<PictureWords, "names" | "words">;
}

/** Frozen picture features `[N, P]`, not normalised, made once for any number of evaluations. */
export interface EmojiFeatures {
  noto: tf.Tensor2D;
  fluent: tf.Tensor2D;
}

/** Encodes the pictures that evaluation needs. The tensors are the caller's to dispose. */
export async function encodeEmojiPictures(
  { clip }: Pick<Asker, "clip">,
  benchmark: EmojiBenchmark,
  onEncoded?: (done: number, total: number) => void,
): Promise<EmojiFeatures> {
  const { noto, fluent } = benchmark.pictures;
  const total = noto.codes.length + fluent.codes.length;
  const encode = (pixels: Uint8Array, before: number) =>
    encodePictures(
      clip.weights,
      clip.config,
      normalisePictures(pixels),
      (done) => onEncoded?.(before + done, total),
    ); // [N, P]
  return { noto: await encode(noto.pixels, 0), fluent: await encode(fluent.pixels, noto.codes.length) };
}

/**
 * Evaluates one way of asking.
 *
 * @param text the text encoder that makes the queries: the frozen one's weights, or tuned ones
 */
export async function evaluateEmoji(
  { clip, phi, inverted }: Asker,
  text: Weights,
  benchmark: EmojiBenchmark,
  features: EmojiFeatures,
  queries: readonly EmojiQuery[],
  method: QueryMethod,
  setting: QuerySetting = mainSetting,
): Promise<EmojiScores> {
  const place = indexOf(benchmark.pictures.noto.codes);
  const referencePlace = indexOf(benchmark.pictures[setting.references].codes);
  const asked = queries.filter(({ reference }) => referencePlace.has(reference.code));
  const references = tf.tidy(() => {
    const rows = Int32Array.from(asked, ({ reference }) => referencePlace.get(reference.code)!);
    return tf.gather(features[setting.references], tf.tensor1d(rows, "int32")); // [Q, P]
  });
  const encoder = { ...clip, weights: { ...clip.weights, ...text } };
  const words = method === "phi + text" ? pseudoWords(phi, inverted, references, asked, setting) : undefined; // [Q, D]
  const made = await queryFeatures(encoder, words, references, asked, method, setting.wording); // [Q, P]
  words?.dispose();

  const twins = (code: string) => benchmark.twins[place.get(code)!];
  const questions = asked.map(({ reference, target }): Question => ({
    correct: twins(target.code),
    exclude: setting.keepReference ? [] : twins(reference.code),
  }));
  const members = new Map<string, number[]>();
  for (const { code, family } of benchmark.emoji) {
    if (place.has(code)) members.set(family, [...members.get(family) ?? [], place.get(code)!]);
  }
  const everything = benchmark.pictures.noto.codes.map((_, i) => i);
  const ranked = await rankGallery(made, features.noto, questions);
  const inFamily = await rankGallery(
    made,
    features.noto,
    asked.map(({ target }, i) => {
      const family = new Set(members.get(target.family)!);
      const outside = everything.filter((entry) => !family.has(entry));
      return {
        correct: questions[i].correct.filter((entry) => family.has(entry)),
        exclude: [...questions[i].exclude, ...outside],
      };
    }),
    1,
  );
  tf.dispose([references, made]);

  const kinds: EmojiScores["kinds"] = {};
  for (const kind of editKinds) {
    const rows = [...asked.keys()].filter((i) => asked[i].kind === kind);
    if (rows.length === 0) continue;
    const ranks = rows.map((i) => ranked[i].rank);
    kinds[kind] = {
      queries: rows.length,
      families: new Set(rows.map((i) => asked[i].reference.family)).size,
      "R@1": recallAt(ranks, 1),
      "R@5": recallAt(ranks, 5),
      "R@10": recallAt(ranks, 10),
    };
  }
  const macroOver = macroKinds.filter((kind) => kinds[kind] !== undefined);
  const mean = (key: "R@1" | "R@5" | "R@10") =>
    macroOver.reduce((sum, kind) => sum + kinds[kind]![key], 0) / macroOver.length;
  return {
    method,
    setting,
    kinds,
    macro: { "R@1": mean("R@1"), "R@5": mean("R@5"), "R@10": mean("R@10") },
    macroOver,
    familyR1: recallAt(inFamily.filter((_, i) => macroOver.includes(asked[i].kind)).map(({ rank }) => rank), 1),
    gallery: benchmark.pictures.noto.codes.length,
    withoutReference: queries.length - asked.length,
    answers: asked.map((query, i) => ({ query, ranked: ranked[i] })),
  };
}

/** The references' pseudo-words. `[Q, D]`; the caller's to dispose. */
function pseudoWords(
  phi: Phi,
  inverted: Asker["inverted"],
  references: tf.Tensor2D,
  queries: readonly EmojiQuery[],
  setting: QuerySetting,
): tf.Tensor2D {
  if (!inverted) return tf.tidy(() => applyPhi(phi, phiInput(references, phi.input)));
  const place = indexOf(inverted.names);
  const rows = queries.map(({ reference }) => {
    const name = `${setting.references}/${reference.code}`, row = place.get(name);
    if (row === undefined) throw new Error(`Evaluating inverted words failed: there is none for the picture ${name}.`);
    return row;
  });
  return tf.tidy(() => tf.gather(inverted.words, tf.tensor1d(rows, "int32")));
}

/** Query features of one method. `[Q, P]`; the caller's to dispose. */
async function queryFeatures(
  encoder: Clip,
  words: tf.Tensor2D | undefined,
  references: tf.Tensor2D,
  queries: readonly EmojiQuery[],
  method: QueryMethod,
  wording: Wording,
): Promise<tf.Tensor2D> {
  const texts = queries.map((query) => query.texts[wording]);
  switch (method) {
    case "image only":
      return tf.clone(references);
    case "text only":
      return await encodeTexts(encoder, texts);
    case "oracle":
      return await encodeTexts(encoder, queries.map(({ target }) => target.caption));
    case "image + text sum": {
      const conditions = await encodeTexts(encoder, texts);
      const sum = tf.tidy(() => tf.add(normaliseRows(references), normaliseRows(conditions)) as tf.Tensor2D);
      conditions.dispose();
      return sum;
    }
    case "phi + text":
      return await encodeTexts(encoder, texts.map(composedPrompt), words);
  }
}

function indexOf(codes: readonly string[]): Map<string, number> {
  return new Map(codes.map((code, i) => [code, i]));
}

/**
 * The embedded benchmark as a part like any other: the gallery is all Noto images, a query a reference image and a
 * text.
 *
 * The reference and its duplicates, pixel for pixel, are excluded (CIRR's rule); every duplicate of the target is
 * correct. The group of a query is the target's family. Images are named "noto/CODE" and "fluent/CODE".
 */
import type { BenchmarkPart } from "../../benchmarks/benchmark.ts";
import { encodeImages } from "../../clip/encode.ts";
import type { Clip } from "../../clip/files/model_folder.ts";
import type { FeatureRows } from "../../evaluation/rank_part.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import type { InvertedTokens } from "../../projection/pseudo_token_file.ts";
import * as tf from "../../tensors/tf.ts";
import { normaliseImages } from "../../embedded/normalise_images.ts";
import type { EmojiBenchmark, EmojiQuery } from "../data/benchmark.ts";
import type { BenchmarkStyle } from "../../embedded/icons.ts";
import type { Wording } from "../data/wording.ts";

/** A setting in which queries are evaluated. */
export interface QuerySetting {
  /** How the conditioning text is worded. */
  wording: Wording;
  /** The style of the reference images; the gallery is always Noto. */
  references: "noto" | "fluent";
  /** Whether the reference image stays in the gallery. */
  keepReference: boolean;
}

/** The main setting: wording as in training, Noto references, each reference excluded from its gallery. */
export const mainSetting: QuerySetting = { wording: "seen", references: "noto", keepReference: false };

/** A part of the embedded benchmark; each of its queries belongs to an emoji query. */
export interface EmojiPart extends BenchmarkPart {
  /** The emoji query behind each of `queries`. */
  emojiQueries: readonly EmojiQuery[];
}

/** Makes a part from emoji queries; those whose reference has no image in the setting's style are left out. */
export function emojiPart(
  benchmark: EmojiBenchmark,
  queries: readonly EmojiQuery[],
  { wording, references, keepReference }: QuerySetting = mainSetting,
): EmojiPart {
  const { noto } = benchmark.images, inStyle = new Set(benchmark.images[references].codes);
  const notoId = (code: string) => `noto/${code}`;
  const indexOf = new Map(noto.codes.map((code, i) => [code, i]));
  const duplicates = (code: string) => benchmark.duplicates[indexOf.get(code)!].map((i) => notoId(noto.codes[i]));
  const familyOf = new Map(benchmark.emoji.map(({ code, family }) => [code, family]));
  const shown = [...familyOf.keys()].filter((code) => indexOf.has(code));
  const families = Map.groupBy(shown.map(notoId), (_, i) => familyOf.get(shown[i])!);
  const evaluated = queries.filter(({ reference }) => inStyle.has(reference.code));
  const images = [...noto.codes.map(notoId), ...(references === "noto" ? [] : [...inStyle].map((c) => `fluent/${c}`))];
  return {
    benchmark: "emoji",
    split: `seed ${benchmark.splitSeed}`,
    part: "emoji",
    gallery: noto.codes.map(notoId),
    images: new Map(images.map((id) => [id, { paths: [] }])),
    queries: evaluated.map(({ reference, target, texts }, i) => ({
      id: String(i),
      reference: `${references}/${reference.code}`,
      texts: [texts[wording]],
      targets: duplicates(target.code),
      excluded: keepReference ? [] : duplicates(reference.code),
      group: families.get(target.family)!,
    })),
    emojiQueries: evaluated,
  };
}

/** Returns the caption of every Noto and Fluent image, by id; an emoji has one caption, whatever its style. */
export function emojiImageCaptions({ emoji }: EmojiBenchmark): Map<string, string[]> {
  const styles: readonly BenchmarkStyle[] = ["noto", "fluent"];
  return new Map(
    styles.flatMap((style) => emoji.map(({ code, caption }): [string, string[]] => [`${style}/${code}`, [caption]])),
  );
}

/** Indexes inverted pseudo-tokens by the name of their image, without copying them. */
export function tokenRows({ names, tokens }: Pick<InvertedTokens, "names" | "tokens">): FeatureRows {
  return { rows: tokens, index: new Map(names.map((name, i) => [name, i])) };
}

/**
 * Encodes the images that evaluation needs, Noto then Fluent. `[N, P]` rows, not normalised; the caller disposes them.
 */
export async function encodeEmojiImages(
  clip: Pick<Clip, "weights" | "config">,
  benchmark: EmojiBenchmark,
  { onProgress }: { onProgress?: OnProgress } = {},
): Promise<FeatureRows> {
  const { noto, fluent } = benchmark.images;
  const total = noto.codes.length + fluent.codes.length;
  const encode = (pixels: Uint8Array, before: number) =>
    encodeImages(clip, normaliseImages(pixels), { onProgress: (done) => onProgress?.(before + done, total) }); // [N, P]
  const ids = [...noto.codes.map((code) => `noto/${code}`), ...fluent.codes.map((code) => `fluent/${code}`)];
  const parts: tf.Tensor2D[] = [];
  try {
    parts.push(await encode(noto.pixels, 0));
    parts.push(await encode(fluent.pixels, noto.codes.length));
    return { rows: tf.concat(parts) as tf.Tensor2D, index: new Map(ids.map((id, i) => [id, i])) };
  } finally {
    tf.dispose(parts);
  }
}

/** The embedded world as a testbed: two small CLIPs, three phis each, edits as triplets, composed retrieval over emoji. */
import { identifyClip } from "../clip/files/model_folder.ts";
import {
  type EmojiBenchmark,
  emojiBenchmark,
  type EmojiBenchmarkOptions,
  emojiQueries,
  type EmojiQuery,
  macroKinds,
} from "../emoji/data/benchmark.ts";
import { emojiPart, mainSetting, type QuerySetting } from "../emoji/evaluation/part.ts";
import { naiveAnchors, naiveData } from "../emoji/evaluation/naive_fine_tuning.ts";
import { sideSettings } from "../emoji/evaluation/rows.ts";
import { embeddedModelFolder, type EmbeddedSize, invertedFile, phiFile } from "../emoji/model/embedded_model.ts";
import { queryMethods } from "../evaluation/query_method.ts";
import { jsonHash, sha256 } from "../io/hash.ts";
import { filePath, inFolder } from "../io/path.ts";
import { readBytes } from "../io/read_file.ts";
import { phiMethods } from "../projection/fit_phi.ts";
import { readPhi } from "../projection/phi_file.ts";
import { keptCaptionsOf } from "../rtd/kept_captions.ts";
import { embeddedRecipe } from "../rtd/recipe.ts";
import { conditioningChanges } from "./conditioning.ts";
import { openEmojiClip } from "./emoji_clip.ts";
import { captionsBesideEdits, emojiBatches, emojiSources, trainCaptions } from "./emoji_sources.ts";
import type { Testbed, TestbedBenchmark, TestbedClip } from "./testbed.ts";

/** Options of {@linkcode emojiTestbed}. */
export interface EmojiTestbedOptions extends EmojiBenchmarkOptions {
  /** The benchmark, where it is built already. */
  benchmark?: EmojiBenchmark;
  /** Largest number of queries of each kind of edit; 200 by default. */
  queries?: number;
  /**
   * Families whose edits are the queries: "test" (default), or "validation", where weights and rates are chosen; those are
   * evaluated in the main setting alone.
   */
  split?: "validation" | "test";
}

/** Name of plain retrieval's headline metric. */
const plainHeadline = "label to image R@1";

/** The small CLIP first: an ablation on it costs half as much and finds the same (docs/results.md). */
const sizes: readonly EmbeddedSize[] = ["small", "base"];

/**
 * Makes the embedded world a testbed. Everything in it follows from npm packages, the embedded weights and a seed.
 *
 * @throws {Error} if a package or a file of the embedded models cannot be read
 * @example
 * ```ts ignore
 * import { emojiTestbed } from "@rtd/toolkit/studies";
 *
 * const testbed = await emojiTestbed();
 * console.log(testbed.clips.map(({ name }) => name)); // ["small", "base"]
 * ```
 */
export async function emojiTestbed(
  { queries: most, benchmark: built, split = "test", ...options }: EmojiTestbedOptions = {},
): Promise<Testbed> {
  const benchmark = built ?? await emojiBenchmark(options), queries = emojiQueries(benchmark, split, most);
  const validation = split === "validation", main = validation ? "emoji validation" : "emoji";
  const settings = new Map<string, QuerySetting>([
    [main, mainSetting],
    ...Object.entries(validation ? {} : sideSettings)
      .map(([name, setting]): [string, QuerySetting] => [`${main}, ${name}`, setting]),
  ]);
  const pixels = await imagesHash(benchmark), beside = await keptCaptionsOf(captionsBesideEdits(benchmark));
  const all = await keptCaptionsOf(trainCaptions(benchmark));
  const benchmarks: TestbedBenchmark[] = [];
  for (const [name, setting] of settings) {
    benchmarks.push(await described(benchmark, queries, { name, setting, split, pixels }));
  }
  const clips: TestbedClip[] = [];
  for (const size of sizes) clips.push(await describedClip(size, benchmark));
  return {
    name: validation ? "emoji-validation" : "emoji",
    about:
      "Composed retrieval over emoji drawings of 32 x 32 pixels, with small CLIPs. Edits and wordings are narrow and " +
      "in-domain, so gains are far larger than on photographs." +
      (validation
        ? " Its queries are edits of validation families, for choosing; the test families stay untouched."
        : ""),
    recipe: embeddedRecipe,
    clips,
    tripletSources: emojiSources(benchmark),
    batchSources: emojiBatches(benchmark),
    keptCaptions: {
      beside: {
        about: "captions of emoji of train families that are in no edit, such as animals and objects",
        captions: () => Promise.resolve(beside),
      },
      all: {
        about: "the captions of all emoji of train families, with and without an edit",
        captions: () => Promise.resolve(all),
      },
    },
    benchmarks,
    plain: { headline: plainHeadline, hash: await jsonHash([pixels, benchmark.emoji.map(({ caption }) => caption)]) },
    captioned: main,
    methods: queryMethods,
    conditioning: conditioningChanges,
    open: (clip, control) =>
      openEmojiClip(clip as EmbeddedSize, { benchmark, queries, settings, plainHeadline }, control),
  };
}

/** Hash of the pixels of all images, with their codes. */
async function imagesHash({ images }: EmojiBenchmark): Promise<string> {
  const parts = [];
  for (const { style, codes, pixels } of Object.values(images)) parts.push([style, codes, await sha256(pixels)]);
  return await jsonHash(parts);
}

async function described(
  benchmark: EmojiBenchmark,
  queries: readonly EmojiQuery[],
  { name, setting, split, pixels }: { name: string; setting: QuerySetting; split: string; pixels: string },
): Promise<TestbedBenchmark> {
  const part = emojiPart(benchmark, queries, setting), { wording, references, keepReference } = setting;
  const counted = part.emojiQueries.filter(({ kind }) => macroKinds.includes(kind));
  const asked = part.emojiQueries.map(({ reference, target, kind, texts }) => [
    ...[reference.code, target.code, kind],
    ...[texts[wording], texts.unseen],
  ]);
  return {
    name,
    split: `${split} families, split seed ${benchmark.splitSeed}`,
    headline: "macro R@1",
    protocol: `${part.queries.length} queries over ${part.gallery.length} Noto drawings, ` +
      `${references === "noto" ? "" : "Fluent drawings as references, "}${wording} wording, ` +
      `the reference ${
        keepReference ? "stays in" : "and its duplicates leave"
      } the gallery; R@1, mean over kinds of edit`,
    gallery: part.gallery.length,
    queries: counted.map(({ kind, reference }) => ({ stratum: kind, cluster: reference.family })),
    hash: await jsonHash([setting, asked, pixels, benchmark.duplicates.filter(({ length }) => length > 1)]),
    stamps: [],
  };
}

async function describedClip(size: EmbeddedSize, benchmark: EmojiBenchmark): Promise<TestbedClip> {
  const folder = embeddedModelFolder(size), clip = await identifyClip(folder);
  const inverted = inFolder(folder, invertedFile),
    pseudoTokens = await sha256(await readBytes("pseudo-tokens", inverted));
  const phis = [];
  for (const method of phiMethods) {
    const { hash } = await readPhi(clip, filePath(inFolder(folder, phiFile(method))));
    const data = await naiveData(benchmark, method, pseudoTokens);
    phis.push({ name: method, hash, naive: { anchors: naiveAnchors(method), data } });
  }
  const { identity, parameters, config } = clip;
  return { name: size, parameters, config, identity, phis, pseudoTokens: { hash: pseudoTokens } };
}

/** Real CLIPs, phis, triplets and benchmarks as a testbed: what a JSON file names. */
import { basename } from "node:path";
import { clipIdentity } from "../clip/files/clip_identity.ts";
import { identifyClip } from "../clip/files/model_folder.ts";
import type { QueryMethod } from "../evaluation/query_method.ts";
import { queryMethods } from "../evaluation/query_method.ts";
import { tokensByImage } from "../evaluation/tokens_by_image.ts";
import { naiveAnchors } from "../emoji/evaluation/naive_fine_tuning.ts";
import { type Faults, faults } from "../io/faults.ts";
import { jsonHash } from "../io/hash.ts";
import { filePath, type Path } from "../io/path.ts";
import { readPhi } from "../projection/phi_file.ts";
import { loadPseudoTokens } from "../projection/pseudo_token_file.ts";
import { type KeptCaptions, keptCaptionsOf, readKeptCaptions } from "../rtd/kept_captions.ts";
import { mergeChoice } from "../rtd/merge_choice.ts";
import { changeRecipe, paperRecipe, type RtdRecipe } from "../rtd/recipe.ts";
import { loadTriplets } from "../triplets/load_triplets.ts";
import type { Triplet } from "../triplets/triplet.ts";
import { tripletSampler as listSampler } from "../triplets/triplet_sampler.ts";
import { type ClipBenchmark, openClipBenchmark } from "./clip_benchmark.ts";
import { type NaiveData, readNaiveData } from "./clip_naive.ts";
import { needOf } from "./method_needs.ts";
import { openClip } from "./open_clip.ts";
import { plainHeadline } from "./plain_retrieval.ts";
import type { Testbed, TestbedClip, TestbedPhi, TripletSource } from "./testbed.ts";
import { type ClipEntry, readTestbedFile, type TestbedFile, type TripletsEntry } from "./testbed_file.ts";
import { tripletSampler } from "./triplet_sampler.ts";

/** Options of {@linkcode clipTestbed}. */
export interface ClipTestbedOptions {
  /** Called during the checks with what is read, the amount so far and the whole; what it throws stops them. */
  onStage?: (stage: string, done: number, total: number, note?: string) => void;
  /** Stops the reading of triplets. */
  signal?: AbortSignal;
}

/** A source with the triplets that were read. */
interface ReadSource extends TripletSource {
  list: Iterable<Triplet>;
}

/** Data of naive fine-tunings by name of the CLIP, then of the phi. */
type NaiveByClip = Map<string, Map<string, NaiveData>>;

/**
 * Makes what a JSON file names a testbed: `testbed.schema.json` beside this file describes every key, docs/studies.md has
 * an example. Everything is read and checked first, but for weights and pixels; a device must be in use.
 *
 * @throws {Error} naming everything that is wrong with the file and with what it names
 * @example
 * ```ts ignore
 * import { useDevice } from "@rtd/toolkit";
 * import { clipTestbed, components, runStudy } from "@rtd/toolkit/studies";
 *
 * const device = await useDevice("auto"), testbed = await clipTestbed("testbed.json");
 * console.log((await runStudy(testbed, components, { cache: "runs", device })).table().text());
 * ```
 */
export async function clipTestbed(path: Path, options: ClipTestbedOptions = {}): Promise<Testbed> {
  const found = faults(), { file, whole } = await readTestbedFile(path, found), { cache = ".cache/features" } = file;
  const recipe = await recipeOf(found, file);
  const benchmarks: ClipBenchmark[] = [];
  for (const entry of file.benchmarks) {
    const onProgress = (done: number, total: number) => options.onStage?.(`looking into ${entry.folder}`, done, total);
    const opened = await found.check(`Reading ${entry.folder}`, () => openClipBenchmark(entry, { onProgress }));
    if (opened) benchmarks.push(opened);
  }
  const complete = whole && benchmarks.length === file.benchmarks.length;
  const clips: TestbedClip[] = [], naive: NaiveByClip = new Map();
  for (const [i, entry] of file.clips.entries()) {
    options.onStage?.("reading CLIPs", i, file.clips.length, entry.name);
    const clip = await describeClip(found, entry, { benchmarks, complete, naive });
    if (clip) clips.push(clip);
  }
  const tripletSources: ReadSource[] = [];
  for (const entry of file.triplets) {
    const source = await found.check(`Reading ${entry.file}`, () => readSource(entry, recipe, options));
    if (source) tripletSources.push(source);
  }
  const { keptCaptions: captionFile } = file;
  const beside = captionFile === undefined
    ? undefined
    : await found.check(`Reading ${captionFile}`, () => readKeptCaptions(captionFile));
  found.throwIfAny("Opening the testbed");
  const plain = benchmarks.find(({ captions, data }) => captions && !data.captions);
  return {
    name: file.name ?? basename(filePath(path), ".json"),
    about: file.about ?? "Real CLIPs and benchmarks, as the testbed's file names them.",
    recipe,
    clips,
    tripletSources,
    ...(tripletSources.length > 0 && { keptCaptions: keptCaptionsSources(captionFile, beside, tripletSources) }),
    benchmarks,
    ...(plain && { plain: { headline: plainHeadline, hash: await jsonHash(["plain", plain.hash]) } }),
    ...(plain && { captioned: plain.name }),
    methods: methodsOf(benchmarks, clips),
    conditioning: ["null", "shuffled", "keywords"],
    async open(name, control = {}) {
      const entry = file.clips.find((clip) => clip.name === name);
      if (entry) {
        return await openClip({ ...control, entry, benchmarks, naive: naive.get(name) ?? new Map(), plain, cache });
      }
      const names = clips.map(({ name }) => name).join(", ");
      throw new Error(`Opening a CLIP failed: the testbed has none called "${name}"; there are ${names}.`);
    },
  };
}

/** The paper's recipe with the choices of the file. */
async function recipeOf(found: Faults, { recipe: choices = {} }: TestbedFile): Promise<RtdRecipe> {
  let changes: Partial<RtdRecipe> = {};
  for (const choice of Object.entries(choices)) {
    changes = await found.check("Reading recipe", () => mergeChoice(paperRecipe, changes, choice)) ?? changes;
  }
  return changeRecipe(paperRecipe, changes);
}

/** The query methods of which some benchmark has what they need. */
function methodsOf(benchmarks: readonly ClipBenchmark[], clips: readonly TestbedClip[]): QueryMethod[] {
  return queryMethods.filter((method) => {
    const need = needOf(method);
    if (need === undefined) return true;
    return need === "captions" ? benchmarks.some(({ captions }) => captions) : clips.some((clip) => clip.pseudoTokens);
  });
}

/** Reads everything of a CLIP but its weights, its phis, its pseudo-tokens and the data of its naive fine-tunings. */
async function describeClip(
  found: Faults,
  entry: ClipEntry,
  { benchmarks, complete, naive }: { benchmarks: readonly ClipBenchmark[]; complete: boolean; naive: NaiveByClip },
): Promise<TestbedClip | undefined> {
  const { name, folder, backbone, targetPad, pseudoTokens = {} } = entry;
  const clip = await found.check(`Reading the CLIP ${folder}`, () => identifyClip(folder));
  const phis: TestbedPhi[] = [], data = new Map<string, NaiveData>(), hashes: [string, string][] = [];
  for (const phi of entry.phis) {
    // Without the CLIP it is not known what a phi must fit.
    const read = await found.check(
      `Reading phi ${phi.file}`,
      async () => clip ? await readPhi(clip, phi.file) : void await Deno.stat(phi.file),
    );
    const own = phi.naive &&
      await found.check(`Reading naive of ${phi.name}`, () => readNaiveData(phi.naive!, phi.name));
    if (own) data.set(phi.name, own);
    if (!read) continue;
    phis.push({
      name: phi.name,
      hash: read.hash,
      ...(own && { naive: { anchors: naiveAnchors(own.loss), data: own.hash } }),
    });
  }
  for (const [benchmark, file] of Object.entries(pseudoTokens)) {
    const own = benchmarks.find(({ name }) => name === benchmark),
      names = benchmarks.map(({ name }) => name).join(", ");
    // One that could not be opened is a fault of its own.
    if (!own && complete) {
      found.add(`Reading pseudoTokens of ${name} failed: there is no benchmark "${benchmark}"; there are ${names}.`);
    }
    await found.check(`Reading ${file}`, async () => {
      if (!clip || !own) return void await Deno.stat(file);
      const inverted = await loadPseudoTokens(clip, file);
      inverted.tokens.dispose();
      tokensByImage(inverted, own.data);
      hashes.push([benchmark, inverted.hash]);
    });
  }
  naive.set(name, data);
  if (!clip) return undefined;
  const preprocessing = targetPad === undefined ? clip.preprocessing : { ...clip.preprocessing, targetPad };
  return {
    name,
    parameters: clip.parameters,
    config: clip.config,
    identity: targetPad === undefined ? clip.identity : await clipIdentity({ ...clip, preprocessing }),
    ...(backbone && { backbone }),
    preprocessing,
    phis,
    ...(hashes.length > 0 && { pseudoTokens: { hash: await jsonHash(hashes) } }),
  };
}

/** Captions to keep: those of a file, and these with those of the triplets. */
function keptCaptionsSources(
  file: string | undefined,
  beside: KeptCaptions | undefined,
  [{ name, list }]: readonly ReadSource[],
): NonNullable<Testbed["keptCaptions"]> {
  let made: Promise<KeptCaptions> | undefined;
  const all = () => made ??= keptCaptionsOf(both(list, beside?.captions));
  const about = `captions of the triplets of ${name}`;
  if (file === undefined || !beside) return { all: { about, captions: all } };
  const ofFile = `${beside.captions.length} captions of ${basename(file)}`;
  return {
    beside: { about: ofFile, captions: () => Promise.resolve(beside) },
    all: { about: `${ofFile}, and ${about}`, captions: all },
  };
}

function* both(triplets: Iterable<Triplet>, beside: readonly string[] = []): Generator<string> {
  yield* beside;
  for (const { reference, target } of triplets) yield* [reference, target];
}

/** Reads a file of triplets. */
async function readSource(
  { name, about, file, columns, captions }: TripletsEntry,
  { batch }: RtdRecipe,
  { onStage, signal }: ClipTestbedOptions,
): Promise<ReadSource> {
  const { triplets, report } = await loadTriplets(file, {
    ...{ columns, captions, signal },
    onProgress: (done, total, note) => onStage?.(`reading ${basename(file)}`, done, total, note),
  });
  if (triplets.length < batch) {
    throw new Error(
      `Reading ${file} failed: it has ${triplets.length} triplets, fewer than the ${batch} of a step; set "recipe": ` +
        `{"batch": ${Math.max(1, triplets.length)}} or less.`,
    );
  }
  const dropped = report.rows - report.triplets;
  const counts = `${triplets.length} triplets${dropped > 0 ? `, ${dropped} of ${report.rows} rows dropped` : ""}`;
  const sampler = tripletSampler(listSampler(triplets));
  return {
    name,
    about: about === undefined ? counts : `${about} (${counts})`,
    triplets: () => Promise.resolve(sampler),
    list: triplets,
  };
}

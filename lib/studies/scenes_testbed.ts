/** Scenes as a testbed: one small CLIP with three phis, edits by CIRCO's aspects, several correct images a query. */
import { identifyClip } from "../clip/files/model_folder.ts";
import { phiFile } from "../emoji/model/embedded_model.ts";
import { queryMethods } from "../evaluation/query_method.ts";
import { jsonHash, sha256 } from "../io/hash.ts";
import { filePath, inFolder, type Path } from "../io/path.ts";
import { phiMethods } from "../projection/fit_phi.ts";
import { embeddedPhiRecipes } from "../projection/phi_recipes.ts";
import { readPhi } from "../projection/phi_file.ts";
import { keptCaptionsOf } from "../rtd/kept_captions.ts";
import { embeddedRecipe } from "../rtd/recipe.ts";
import { type ScenesBenchmark, scenesBenchmark, type ScenesBenchmarkOptions } from "../scenes/data/benchmark.ts";
import { describeScene } from "../scenes/data/captions.ts";
import { splitKinds } from "../scenes/data/pairs.ts";
import { sceneCaptions } from "../scenes/data/phi_data.ts";
import { aloneAmongReferences, randomScene } from "../scenes/data/scene.ts";
import { sceneParts, type SceneSetting } from "../scenes/evaluation/part.ts";
import { scenesModelFolder } from "../scenes/model/scenes_model.ts";
import { random } from "../tensors/random.ts";
import type { NaiveData } from "./clip_naive.ts";
import { conditioningChanges } from "./conditioning.ts";
import { plainHeadline } from "./plain_retrieval.ts";
import { gallerySize, openScenesClip, scenesHeadline } from "./scenes_clip.ts";
import { scenesBatches, scenesSources } from "./scenes_sources.ts";
import type { Testbed, TestbedBenchmark, TestbedClip } from "./testbed.ts";

/** Options of {@linkcode scenesTestbed}. */
export interface ScenesTestbedOptions extends Omit<ScenesBenchmarkOptions, "split"> {
  /** Kinds that the queries show: "test" (default), or "validation", where weights and rates are chosen. */
  split?: "validation" | "test";
  /** Files of further phis of the CLIP, by name, such as those of other seeds. */
  phis?: ReadonlyMap<string, Path>;
}

/** Queries and scenes of the validation gallery, whose ten kinds make fewer held-out pairs. */
const validationSize = { queries: 60, scenes: 800 };

/** Captions of naive fine-tuning with LinCIR's loss, and their seed. */
const naiveCaptions = 4000, captionSeed = 20264;

/** Descriptions that a fine-tuning can be made to preserve, and their seed. */
const keptDescriptions = 4000, descriptionSeed = 20265;

/**
 * Makes scenes a testbed. Everything in it follows from npm packages, the embedded weights and a seed.
 *
 * @throws {Error} if a package, a file of the embedded model or a further phi cannot be read, or a further phi has the
 *   name of an embedded one
 */
export async function scenesTestbed(
  { split = "test", splitSeed = 0, phis: further = new Map(), ...options }: ScenesTestbedOptions = {},
): Promise<Testbed> {
  const validation = split === "validation", name = validation ? "scenes-validation" : "scenes";
  const main = validation ? "scenes validation" : "scenes";
  const embedded = phiMethods.map((method): [string, Path] => [method, inFolder(scenesModelFolder(), phiFile(method))]);
  const taken = embedded.find(([name]) => further.has(name));
  if (taken) {
    throw new Error(
      `Opening ${name} failed: a phi is called ${taken[0]} already; name a further one "${taken[0]}, seed 2".`,
    );
  }
  const phis = new Map<string, Path>([...embedded, ...further]), naive = await lincirData(splitSeed);
  // Phis are read before the gallery is drawn, so that a wrong file is told at once.
  const clips = [await describedClip(phis, naive)],
    kept = await keptCaptionsOf(describedScenes(splitSeed));
  const benchmark = await scenesBenchmark({ ...(validation && validationSize), ...options, split, splitSeed });
  const settings = new Map<string, SceneSetting>([
    [main, { wording: "seen", references: "noto" }],
    ...(validation ? [] : [
      [`${main}, unseen wording`, { wording: "unseen", references: "noto" }] as [string, SceneSetting],
      [`${main}, Fluent references`, { wording: "seen", references: "fluent" }] as [string, SceneSetting],
    ]),
  ]);
  const images = await jsonHash([await sha256(benchmark.gallery), await sha256(benchmark.fluent.pixels)]);
  const benchmarks: TestbedBenchmark[] = [];
  for (const [name, setting] of settings) benchmarks.push(await described(benchmark, name, setting, images));
  return {
    name,
    about:
      "Composed retrieval over drawings of scenes of 64 x 64 pixels, with one small CLIP: one or two kinds of things, " +
      "their number and size, on six backgrounds. Edits and wordings are templates, so gains are far larger than on " +
      "photographs." +
      (validation ? " Its queries show validation kinds, for choosing; test kinds stay untouched." : ""),
    recipe: embeddedRecipe,
    clips,
    tripletSources: scenesSources(splitSeed),
    batchSources: scenesBatches(splitSeed),
    keptCaptions: {
      all: {
        about: `${kept.captions.length} descriptions of scenes of train kinds, in more forms than triplets have`,
        captions: () => Promise.resolve(kept),
      },
    },
    benchmarks,
    plain: { headline: plainHeadline, hash: await jsonHash([images, benchmark.captions]) },
    captioned: main,
    methods: queryMethods.filter((method) => method !== "pseudo-token + text"),
    conditioning: conditioningChanges,
    open: (_, control) => openScenesClip({ benchmark, settings, phis, naive: new Map([["LinCIR", naive]]) }, control),
  };
}

async function described(
  benchmark: ScenesBenchmark,
  name: string,
  setting: SceneSetting,
  images: string,
): Promise<TestbedBenchmark> {
  const parts = sceneParts(benchmark, setting), { wording, references } = setting, gallery = gallerySize(benchmark);
  const count = parts.reduce((sum, { queries }) => sum + queries.length, 0);
  const unseen = sceneParts(benchmark, { ...setting, wording: "unseen" });
  const asked = [...parts, ...unseen].map(({ part, queries }) => [part, queries]);
  return {
    name,
    split: `${benchmark.split} kinds, split seed ${benchmark.splitSeed}`,
    headline: scenesHeadline,
    protocol:
      `${count} queries of ${parts.length} aspects over ${gallery} Noto drawings, two of each scene, both correct; ` +
      `${references === "noto" ? "" : "Fluent drawings as references, "}${wording} wording, the reference ` +
      `leaves the gallery and its other drawing stays; ${scenesHeadline}, mean over aspects`,
    gallery,
    queries: parts.flatMap(({ part, queries }) =>
      queries.map(({ reference }) => ({ stratum: part, cluster: reference }))
    ),
    hash: await jsonHash([setting, asked, images]),
    stamps: [],
  };
}

async function describedClip(files: ReadonlyMap<string, Path>, naive: NaiveData): Promise<TestbedClip> {
  const clip = await identifyClip(scenesModelFolder()), phis = [];
  for (const [name, file] of files) {
    const { hash } = await readPhi(clip, filePath(file));
    phis.push({ name, hash, ...(name === "LinCIR" && { naive: { anchors: [true, false], data: naive.hash } }) });
  }
  const { identity, parameters, config } = clip;
  return { name: "scenes", parameters, config, identity, phis };
}

/** Descriptions of scenes of train kinds, as a data set would have them: without the stray words of pretraining. */
function describedScenes(splitSeed: number): string[] {
  const rng = random(descriptionSeed), { train: kinds } = splitKinds(splitSeed);
  const choice = { kinds, alone: aloneAmongReferences };
  return Array.from({ length: keptDescriptions }, () => describeScene(randomScene(choice, rng), rng));
}

/** Captions of train kinds for LinCIR's own loss. */
async function lincirData(splitSeed: number): Promise<Extract<NaiveData, { loss: "LinCIR" }>> {
  const captions = sceneCaptions(splitKinds(splitSeed).train)(captionSeed).next(naiveCaptions);
  const { batch, noise } = embeddedPhiRecipes.LinCIR;
  return { loss: "LinCIR", batch, captions, hash: await jsonHash(["LinCIR", batch, noise, captions]) };
}

/** Plans a study on a testbed: its runs, the rows of its table, and what cannot be run, without computing anything. */
import { backendName } from "../backend/backend_name.ts";
import type { QueryMethod } from "../evaluation/query_method.ts";
import { jsonHash } from "../io/hash.ts";
import { changeRecipe, paperRecipe, type RtdRecipe } from "../rtd/recipe.ts";
import { chosenVariants } from "./chosen_variants.ts";
import { needOf, whyImpossible } from "./method_needs.ts";
import type { NamedQuery, NotRun, PlannedRow, PlannedRun, PlannedTraining } from "./planned.ts";
import { frozenName, type RtdTraining, type Study, type Training, type Variant } from "./study.ts";
import type { QueryChoice, Testbed, TestbedClip, TestbedPhi } from "./testbed.ts";
import { allSources, tripletsOf } from "./training_triplets.ts";

/** Part of every key; it is raised when a change of the code changes results. */
export const runVersion = 1;

/** What is run of a study. */
export interface PlanOptions {
  /** Seeds of the fine-tunings, one run each (default: 1, 2, 3, or as many as the study names). */
  seeds?: readonly number[];
  /** Changes of the testbed's recipe for all runs; a variant's own changes come after them. */
  changes?: Partial<RtdRecipe>;
  /** Names of the CLIPs to run on, where not those of the study. */
  clips?: readonly string[];
  /** Names of the phis to run with, where not those of the study. */
  phis?: readonly string[];
  /** Texts in the names of the variants that are run, beside those that they are compared with (default: all). */
  only?: readonly string[];
}

/** A planned study. */
export interface StudyPlan {
  /** The recipe that variants change. */
  recipe: RtdRecipe;
  /** The runs, each once, those of one CLIP together. */
  runs: readonly PlannedRun[];
  /** The rows of the table. */
  rows: readonly PlannedRow[];
  /** What cannot be run, with the reason. */
  notRun: readonly NotRun[];
}

/** The query methods that every table has a row of, where the testbed allows them. */
const baselineMethods: readonly QueryMethod[] = [
  "image only",
  "text only",
  "image + text sum",
  "image x text product",
  "oracle",
];

/** The seeds of a study where none are named. */
function seedsOf({ seeds = 3 }: Study): number[] {
  return Array.from({ length: seeds }, (_, i) => i + 1);
}

/** Plans a study. @throws {Error} if a chosen CLIP or a choice of a recipe is unknown, or a text is in no variant's name */
export async function planStudy(
  testbed: Testbed,
  study: Study,
  { seeds = seedsOf(study), changes = {}, clips: clipNames, phis: phiNames, only }: PlanOptions,
): Promise<StudyPlan> {
  const recipe = changeRecipe(testbed.recipe, changes), notRun: NotRun[] = [];
  const runs = new Map<string, PlannedRun>(), rows: PlannedRow[] = [];
  const families = testbed.benchmarks.map(({ family }) => family).filter((family) => family !== undefined);
  for (const [family, what] of Object.entries(study.published ?? {})) {
    if (families.length > 0 && !families.includes(family)) {
      notRun.push({ what, reason: `the testbed has no ${family}; name its folder in the testbed's file` });
    }
  }
  notRun.push(...study.lacks?.(testbed) ?? []);
  const unknown = clipNames?.find((name) => !testbed.clips.some((clip) => clip.name === name));
  if (unknown !== undefined) {
    const names = testbed.clips.map(({ name }) => name).join(", ");
    throw new Error(`Planning ${study.name} failed: the testbed has no CLIP "${unknown}"; there are ${names}.`);
  }
  const clips = clipNames
    ? testbed.clips.filter(({ name }) => clipNames.includes(name))
    : study.clips === "all"
    ? testbed.clips
    : testbed.clips.slice(0, 1);
  const all = typeof study.variants === "function" ? study.variants({ testbed, recipe }) : study.variants;
  const variants = only ? chosenVariants(study, all, only) : all, left = all.length - variants.length;
  if (left > 0) notRun.push({ what: `${left} of ${all.length} variants`, reason: "they were not asked for" });
  const benchmarks = Object.fromEntries(testbed.benchmarks.map(({ name, hash }) => [name, hash]));
  const evaluation = { benchmarks, plain: testbed.plain?.hash ?? null, backend: backendName() };

  const { probes } = study;
  const textAndImage = testbed.captioned === undefined ? undefined : study.textAndImage?.({ testbed, recipe });
  if (study.textAndImage && !textAndImage) {
    notRun.push({
      what: "where texts and images lie",
      reason: "no benchmark of the testbed has captions beside images",
    });
  }

  async function addRun(run: Omit<PlannedRun, "key" | "inputs">, inputs: Record<string, unknown>): Promise<string> {
    const whole = { version: runVersion, ...inputs, at: run.at, ...evaluation };
    const key = (await jsonHash(whole)).slice(0, 16);
    if (!runs.has(key)) runs.set(key, { ...run, key, inputs: whole });
    return key;
  }

  for (const clip of clips) {
    const phis = phiNames
      ? clip.phis.filter(({ name }) => phiNames.includes(name))
      : study.phis === "all"
      ? clip.phis
      : clip.phis.slice(0, 1);
    for (const name of phiNames?.filter((name) => !phis.some((phi) => phi.name === name)) ?? []) {
      notRun.push({ what: `${clip.name}, ${name}`, reason: `there is no phi of this name for this CLIP` });
    }
    const baselines = baselineMethods.filter((method) => testbed.methods.includes(method));
    for (const method of baselineMethods.filter((method) => !baselines.includes(method))) {
      notRun.push({ what: `${clip.name}, ${method}`, reason: whyImpossible(method) });
    }
    const queries: NamedQuery[] = baselines.map((method) => ({ method }));
    const further = (study.frozen ?? []).filter((query) => {
      const reason = refusal(testbed, clip, query);
      if (reason) notRun.push({ what: `${clip.name}, ${query.name}`, reason });
      return !reason;
    });
    queries.push(...further.map(({ name: _, aside: __, ...query }) => query));
    const described = queries.map((query) => describeQuery(clip, query));
    const title = `${clip.name}, baselines`;
    const key = await addRun({ clip: clip.name, title, queries, at: [0] }, { clip: clip.identity, queries: described });
    const baselineRow = (variant: string, queryIndex: number): PlannedRow => ({
      ...{ clip: clip.name, variant, query: queries[queryIndex], queryIndex, step: 0, last: true, runs: [key] },
    });
    const oracle = baselines.indexOf("oracle");
    rows.push(...baselines.map(baselineRow).filter((_, i) => i !== oracle));
    rows.push(...further.map(({ name }, i) => baselineRow(name, baselines.length + i)));
    for (const phi of phis) {
      for (const variant of [{ name: frozenName }, ...variants]) await addVariant(clip, phi, variant);
    }
    if (oracle >= 0) rows.push(baselineRow("oracle", oracle));
  }
  return { recipe, runs: [...runs.values()], rows, notRun };

  async function addVariant(clip: TestbedClip, phi: TestbedPhi, variant: Variant): Promise<void> {
    const title = [clip.name, phi.name, variant.name].join(", ");
    const queries = (variant.queries ?? [{}]).filter((query) => {
      const reason = refusal(testbed, clip, query);
      if (reason) notRun.push({ what: [title, query.name].filter(Boolean).join(", "), reason });
      return !reason;
    }).map((query): NamedQuery => ({
      ...query,
      method: query.method ?? "phi + text",
      ...((query.method ?? "phi + text") === "phi + text" ? { phi: query.phi ?? phi.name } : {}),
    }));
    if (queries.length === 0) return;
    const choices = queries.map(({ name: _, aside: __, ...choice }) => choice);
    const described = choices.map((choice) => describeQuery(clip, choice));
    const own = {
      ...{ clip: clip.name, queries: choices },
      ...(textAndImage && { textAndImage: { phi: phi.name, noise: textAndImage } }),
      ...(probes && { probes: { phi: phi.name, names: probes } }),
    };
    const measured = {
      ...(textAndImage && { textAndImage: { phi: phi.hash, noise: textAndImage } }),
      ...(probes && { probes: { phi: phi.hash, names: probes } }),
    };
    const keys: string[] = [], { training } = variant, shares = training ? variant.shares ?? [] : [];
    let at: readonly number[] = [0];
    if (!training) {
      keys.push(await addRun({ ...own, title, at }, { clip: clip.identity, queries: described, ...measured }));
    } else {
      const reason = trainingRefusal(testbed, phi, training, recipe);
      if (reason) return void notRun.push({ what: title, reason });
      const averages = shares.length > 0 ? { shares } : {};
      for (const seed of seeds) {
        const { planned, inputs } = await planTraining(testbed, phi, training, changeRecipe(recipe, { seed }));
        at = stepsOf(variant, planned.recipe.steps);
        keys.push(
          await addRun(
            { ...own, phi: phi.name, title: `${title}, seed ${seed}`, training: planned, at, ...averages },
            { training: inputs, clip: clip.identity, phi: phi.hash, queries: described, ...measured, ...averages },
          ),
        );
      }
    }
    const end = at.at(-1)!;
    const evaluated = [
      ...at.map((step) => ({ step, last: step === end })),
      ...shares.map((share) => ({ step: end, share, last: false })),
    ];
    for (const point of evaluated) {
      for (const [queryIndex, query] of queries.entries()) {
        rows.push({
          clip: clip.name,
          phi: phi.name,
          variant: variant.name,
          query,
          queryIndex,
          ...point,
          runs: keys,
          ...(variant.name === frozenName ? {} : { against: variant.against ?? frozenName }),
        });
      }
    }
  }
}

/** Resolves a fine-tuning. @returns it, and what of it decides the result */
async function planTraining(
  testbed: Testbed,
  phi: TestbedPhi,
  training: Training,
  base: RtdRecipe,
): Promise<{ planned: PlannedTraining; inputs: Record<string, unknown> }> {
  const recipe = changeRecipe(base, training.changes ?? {});
  if (training.method === "naive") {
    const { seed, steps, trainable, optimizer, schedule } = recipe, { anchor } = training;
    const naive = { seed, steps, trainable, optimizer, schedule };
    return {
      planned: { method: "naive", recipe: naive, anchor },
      inputs: { method: "naive", recipe: naive, anchor, data: phi.naive!.data },
    };
  }
  const triplets = await tripletsOf(testbed, training);
  const kept = await keptCaptionsSource(testbed, training)?.captions();
  return {
    planned: { method: "RTD", recipe, triplets, ...(kept && { keptCaptions: kept.captions }) },
    inputs: {
      ...{ recipe: changesOf(recipe), data: await triplets.data() },
      ...(kept && { keptCaptions: kept.hash }),
    },
  };
}

/** The captions that a fine-tuning preserves in the place of its steps' targets. */
function keptCaptionsSource({ keptCaptions: sources }: Testbed, { keptCaptions: name = "targets" }: RtdTraining) {
  return name === "targets" ? undefined : sources?.[name];
}

/** What of a recipe is not as published: a key that has no other choices stays the same when recipes get new ones. */
function changesOf(recipe: RtdRecipe): Record<string, unknown> {
  const published: Record<string, unknown> = { ...paperRecipe };
  return Object.fromEntries(
    Object.entries(recipe).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(published[name])),
  );
}

/** Steps after which a variant is evaluated. */
function stepsOf({ at = [] }: Variant, steps: number): number[] {
  const early = at.map((share) => Math.round(share * steps)).filter((step) => step >= 1 && step < steps);
  return [...new Set([...early, steps])].sort((a, b) => a - b);
}

/** What of a query decides its result. */
function describeQuery(
  clip: TestbedClip,
  { method, phi, conditioning, caption }: QueryChoice,
): Record<string, unknown> {
  return {
    method,
    ...(phi === undefined ? {} : { phi: clip.phis.find(({ name }) => name === phi)!.hash }),
    ...(method !== undefined && needOf(method) === "pseudoTokens" ? { pseudoTokens: clip.pseudoTokens!.hash } : {}),
    ...(conditioning === undefined ? {} : { conditioning }),
    ...(caption === undefined ? {} : { caption }),
  };
}

/** Why a query cannot be made; undefined if it can. */
function refusal(testbed: Testbed, clip: TestbedClip, query: QueryChoice): string | undefined {
  const { method = "phi + text", phi, conditioning } = query;
  if (phi !== undefined && !clip.phis.some(({ name }) => name === phi)) return `there is no phi "${phi}" for this CLIP`;
  if (needOf(method) === "pseudoTokens" && !clip.pseudoTokens) return whyImpossible(method);
  if (!testbed.methods.includes(method)) return whyImpossible(method);
  if (conditioning && !testbed.conditioning.includes(conditioning)) {
    return `its conditioning texts cannot be ${conditioning}: the testbed does not have what it needs`;
  }
}

/** Why a fine-tuning cannot be done; undefined if it can. */
function trainingRefusal(
  testbed: Testbed,
  phi: TestbedPhi,
  training: Training,
  { lora }: RtdRecipe,
): string | undefined {
  if (training.method === "naive") {
    if (lora) return "naive fine-tuning has no LoRA; leave lora out of the recipe";
    if (!phi.naive) return `the testbed has no data for ${phi.name}'s own loss`;
    return phi.naive.anchors.includes(training.anchor)
      ? undefined
      : `${phi.name}'s own loss has no variant ${training.anchor ? "with" : "without"} anchor`;
  }
  if (testbed.tripletSources.length === 0) return "the testbed has no triplets";
  const { keptCaptions: kept = "targets" } = training;
  if (kept !== "targets" && !keptCaptionsSource(testbed, training)) {
    if (kept === "all") return "the testbed has no captions to keep";
    return 'the testbed has no captions beside its triplets; a testbed\'s file names them as "keptCaptions"';
  }
  const names = testbed.tripletSources.map(({ name }) => name);
  const missing = training.triplets?.filter((name) => !allSources(testbed).some((one) => one.name === name)) ?? [];
  if (missing.length > 0) return `there are no triplets called ${missing.join(", ")}; there are ${names.join(", ")}`;
}

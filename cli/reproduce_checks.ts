/** The checks of `deno task reproduce`, all of them before anything is computed. */
import type { Device } from "../lib/backend/device.ts";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { checkWritable } from "../lib/io/check_writable.ts";
import type { RtdRecipe } from "../lib/rtd/recipe.ts";
import { isEmbeddedTestbed, openTestbed } from "../lib/studies/open_testbed.ts";
import { planStudy } from "../lib/studies/plan.ts";
import type { Shard } from "../lib/studies/run_study.ts";
import type { Study } from "../lib/studies/study.ts";
import { findStudy } from "../lib/studies/studies.ts";
import type { Testbed } from "../lib/studies/testbed.ts";
import { faults } from "./faults.ts";
import { path } from "./options.ts";
import type { Session } from "./session.ts";
import { choicesOf, recipeChanges } from "./recipe_changes.ts";
import type { Setting } from "./train_settings.ts";

/** The options as they are written. */
export interface ReproduceOptions {
  study?: string;
  list?: boolean;
  testbed: string;
  splitSeed?: number;
  seeds?: number;
  set?: readonly Setting[];
  clips?: readonly string[];
  phis?: readonly string[];
  phi?: readonly (readonly [name: string, file: string])[];
  only?: readonly string[];
  shard?: Shard;
  cache?: string;
  out?: string;
  device: DeviceChoice;
}

/** A checked task. */
export interface ReproduceTask {
  /** Absent: the list is asked for. */
  study?: Study;
  testbed: Testbed;
  seeds?: number[];
  changes: Partial<RtdRecipe>;
  clips?: readonly string[];
  phis?: readonly string[];
  only?: readonly string[];
  shard?: Shard;
  cache: string;
  out: string;
  device: Device;
}

/** Checks every option. @throws {Error} naming all faults; nothing has been written */
export async function checkReproduction(options: ReproduceOptions, session: Session): Promise<ReproduceTask> {
  const { list = false, seeds, clips, only, shard, cache = "data/runs" } = options, found = faults();
  const study = options.study === undefined
    ? undefined
    : await found.check("Choosing the study", () => findStudy(options.study!));
  if (!list && options.study === undefined) found.add("Choosing the study failed: none is named; --list lists them.");
  if (list && only) found.add("--only chooses among the variants of one study: name it, or leave --only out.");
  if (list && study) found.add("--list is about all studies: leave the study's name out.");
  const device = await found.check("Selecting the device", () => session.device(options.device));
  const out = options.out ?? `results/${study?.name ?? "studies"}${only ? "-part" : ""}`;
  if (!list) {
    await found.check(`Writing into ${cache}`, () => checkWritable(cache));
    await found.check(`Writing into ${out}`, () => checkWritable(out));
  }
  // Drawing an embedded world takes longer than to say what is wrong already.
  if (isEmbeddedTestbed(options.testbed)) found.throwIfAny("Reproducing");
  const testbed = await found.check(
    `Opening ${options.testbed}`,
    () =>
      openTestbed(options.testbed.endsWith(".json") ? path()(options.testbed) : options.testbed, {
        splitSeed: options.splitSeed,
        ...(options.phi && { phis: new Map(options.phi) }),
        onStage: session.stage,
        signal: session.signal,
      }),
  );
  session.stageDone();
  const changes = testbed && await recipeChanges(found, testbed.recipe, choicesOf(options.set ?? []));
  for (const clip of clips ?? []) {
    if (!testbed || testbed.clips.some(({ name }) => name === clip)) continue;
    found.add(`--clips names "${clip}": the testbed has ${testbed.clips.map(({ name }) => name).join(", ")}.`);
  }
  const names = [...new Set(testbed?.clips.flatMap(({ phis }) => phis.map(({ name }) => name)))];
  const phis = options.phis && knownNames(options.phis, names);
  for (const phi of phis ?? []) {
    if (!testbed || names.includes(phi)) continue;
    found.add(`--phis names "${phi}": the testbed has ${names.join(", ")}.`);
  }
  if (study && testbed && only) {
    await found.check(`Choosing variants of ${study.name}`, () => planStudy(testbed, study, { only, changes }));
  }
  found.throwIfAny("Reproducing");
  return {
    ...{ study, testbed: testbed!, changes: changes!, clips, phis, only, shard, cache, out, device: device! },
    ...(seeds === undefined ? {} : { seeds: Array.from({ length: seeds }, (_, i) => i + 1) }),
  };
}

/** Joins parts between commas that make a known name together, such as "LinCIR" and "seed 2"; the longest counts. */
function knownNames(parts: readonly string[], known: readonly string[]): string[] {
  const found: string[] = [];
  for (let from = 0, to: number; from < parts.length; from = to) {
    const joined = (end: number) => parts.slice(from, end).join(", ");
    for (to = parts.length; to > from + 1 && !known.includes(joined(to));) to--;
    found.push(joined(to));
  }
  return found;
}

/** Corrupts the world in many ways, one at a time, and sorts what evaluations then say. */
import { seeded } from "../fuzz/seeded.ts";
import { type Corruption, type CorruptionKind, corruptionKinds, drawCorruption } from "./corruptions.ts";
import { evaluate, type Said } from "./evaluation.ts";
import { makeWorld, type Setting, settings } from "./world.ts";

/** What came of a corruption. */
export const fates = [
  "refused",
  "raw error",
  "same figures",
  "changed with a trace",
  "changed without a trace",
] as const;
/** One of {@linkcode fates}. */
export type Fate = typeof fates[number];

/** A corruption with its fate. */
export interface Corrupted {
  setting: string;
  corruption: Omit<Corruption, "bytes">;
  fate: Fate;
  /** The error's message, where there was one. */
  message: string;
}

/** How many corruptions, and of what. */
export interface CorruptionCampaign {
  count: number;
  seed: number;
  /** An empty folder. */
  scratch: string;
  /** The settings; all by default. */
  chosen?: readonly Setting[];
  /** Called before each corruption. */
  onCorruption?: (done: number) => void;
}

/** Runs the campaign. */
export async function corrupt(
  { count, seed, scratch, chosen = settings, onCorruption = () => {} }: CorruptionCampaign,
): Promise<Corrupted[]> {
  await makeWorld(scratch, chosen);
  const said = new Map<string, Said>();
  for (const setting of chosen) said.set(setting.name, await evaluate(scratch, setting, cacheOf(scratch, setting)));
  const rng = seeded(seed), found: Corrupted[] = [];
  for (let i = 0; i < count; i++) {
    onCorruption(i);
    const setting = chosen[rng.int(chosen.length)], kinds = kindsOf(setting), kind = kinds[rng.int(kinds.length)];
    const { bytes, ...corruption } = drawCorruption(scratch, setting, kind, rng);
    const path = `${scratch}/${corruption.file}`, good = await Deno.readFile(path), { mtime } = await Deno.stat(path);
    await Deno.writeFile(path, bytes);
    if (corruption.unnoticed) await Deno.utime(path, mtime!, mtime!);
    const fresh = `${scratch}/fresh`;
    const cache = corruption.cached ? cacheOf(scratch, setting) : fresh;
    const fate = await fateOf(scratch, setting, cache, said.get(setting.name)!);
    found.push({ setting: setting.name, corruption, ...fate });
    await Deno.writeFile(path, good);
    await Deno.utime(path, mtime!, mtime!);
    await Deno.remove(fresh, { recursive: true }).catch(() => {});
  }
  return found;
}

function cacheOf(scratch: string, { name }: Setting): string {
  return `${scratch}/features ${name}`;
}

/** In captions mode no image is read, and otherwise no caption. */
function kindsOf({ captions }: Setting): CorruptionKind[] {
  const without = captions ? ["image", "cached features", "preprocessing"] : ["captions"];
  return corruptionKinds.filter((kind) => !without.includes(kind));
}

async function fateOf(
  scratch: string,
  setting: Setting,
  cache: string,
  before: Said,
): Promise<Pick<Corrupted, "fate" | "message">> {
  let after: Said;
  try {
    after = await evaluate(scratch, setting, cache);
  } catch (error) {
    const { message } = error as Error;
    // Faults that are told together are sentences in one line too.
    const ours = [Error, AggregateError].some((kind) => (error as Error).constructor === kind);
    const sentence = ours && !message.includes("\n");
    return { fate: sentence ? "refused" : "raw error", message: `${(error as Error).name}: ${message}` };
  }
  if (after.figures === before.figures) return { fate: "same figures", message: "" };
  return { fate: after.record === before.record ? "changed without a trace" : "changed with a trace", message: "" };
}

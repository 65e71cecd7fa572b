/** A testbed by its name, or by its file. */
import { nearestName } from "../io/nearest_name.ts";
import type { Path } from "../io/path.ts";
import { clipTestbed, type ClipTestbedOptions } from "./clip_testbed.ts";
import { emojiTestbed } from "./emoji_testbed.ts";
import { scenesTestbed } from "./scenes_testbed.ts";
import type { Testbed } from "./testbed.ts";

/** Names of the testbeds that need no file; those of validation have the queries on which weights and rates are chosen. */
export const embeddedTestbeds = ["emoji", "emoji-validation", "scenes", "scenes-validation"] as const;
/** One of {@linkcode embeddedTestbeds}. */
export type EmbeddedTestbed = typeof embeddedTestbeds[number];

/** Options of {@linkcode openTestbed}. */
export interface OpenTestbedOptions extends ClipTestbedOptions {
  /** Seed of an embedded testbed's split of families, or kinds, into train, validation and test (default 0). */
  splitSeed?: number;
  /** Files of further phis of the embedded CLIP of scenes, by name. */
  phis?: ReadonlyMap<string, Path>;
}

/** Returns whether a name is that of an embedded testbed. */
export function isEmbeddedTestbed(name: string): name is EmbeddedTestbed {
  return (embeddedTestbeds as readonly string[]).includes(name);
}

/**
 * Opens a testbed: "emoji" and "scenes" are embedded, "emoji-validation" and "scenes-validation" the same with queries of
 * validation families and kinds, a name that ends in `.json` is a file for `clipTestbed`.
 *
 * @throws {Error} if there is no testbed of this name, a file is given with `splitSeed`, `phis` are given with anything
 *   but scenes, or as `emojiTestbed`, `scenesTestbed` and `clipTestbed`
 */
export async function openTestbed(
  name: string,
  { splitSeed, phis, ...options }: OpenTestbedOptions = {},
): Promise<Testbed> {
  if (isEmbeddedTestbed(name)) {
    const onProgress = (done: number, total: number) => options.onStage?.("drawing images", done, total);
    const split = name.endsWith("-validation") ? "validation" : "test";
    if (name.startsWith("scenes")) return await scenesTestbed({ split, splitSeed, phis, onProgress });
    if (!phis) return await emojiTestbed({ split, splitSeed, onProgress });
    throw new Error(
      `Opening the testbed ${name} failed: further phis are for the embedded CLIP of scenes alone; leave them out.`,
    );
  }
  if (!name.endsWith(".json")) {
    const names = embeddedTestbeds.map((one) => `"${one}"`).join(", ");
    const near = nearestName(name, embeddedTestbeds), guess = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new Error(
      `Opening the testbed ${name} failed: there are ${names}; or name a file that ends in .json.${guess}`,
    );
  }
  if (phis) throw new Error(`Opening the testbed ${name} failed: further phis are for scenes; name them in this file.`);
  if (splitSeed === undefined) return await clipTestbed(name, options);
  throw new Error(
    `Opening the testbed ${name} failed: a split seed, ${splitSeed}, belongs to the embedded testbeds alone; leave it out.`,
  );
}

/** A testbed by its name, or by its file. */
import { clipTestbed, type ClipTestbedOptions } from "./clip_testbed.ts";
import { emojiTestbed } from "./emoji_testbed.ts";
import type { Testbed } from "./testbed.ts";

/**
 * Opens a testbed: "emoji" is the embedded world, a name that ends in `.json` is a file for `clipTestbed`.
 *
 * @throws {Error} if there is no testbed of this name, or as `emojiTestbed` and `clipTestbed`
 */
export async function openTestbed(name: string, options: ClipTestbedOptions = {}): Promise<Testbed> {
  if (name === "emoji") {
    return await emojiTestbed({ onProgress: (done, total) => options.onStage?.("drawing images", done, total) });
  }
  if (name.endsWith(".json")) return await clipTestbed(name, options);
  throw new Error(`Opening the testbed ${name} failed: there is "emoji"; or name a file that ends in .json.`);
}

/** A testbed by its name. */
import type { OnProgress } from "../io/on_progress.ts";
import { emojiTestbed } from "./emoji_testbed.ts";
import type { Testbed } from "./testbed.ts";

/**
 * Opens a testbed: "emoji" is the embedded world.
 *
 * @param onProgress called while images are drawn
 * @throws {Error} if there is no testbed of this name, or as `emojiTestbed`
 */
export async function openTestbed(name: string, { onProgress }: { onProgress?: OnProgress } = {}): Promise<Testbed> {
  if (name === "emoji") return await emojiTestbed({ onProgress });
  throw new Error(`Opening the testbed ${name} failed: there is "emoji".`);
}

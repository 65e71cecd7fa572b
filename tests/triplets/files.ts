/** Small files for the tests of what reads triplets. */
import { loadTriplets } from "../../lib/triplets/load_triplets.ts";
import type { ReadingReport, ReadTripletsOptions } from "../../lib/triplets/read/read_triplets.ts";
import type { Triplet } from "../../lib/triplets/triplet.ts";

/** The folder of public annotations, beside the checkout; absent on most machines. */
export const shared = new URL("../../../shared/data/", import.meta.url);

/** Whether it is there, and what a test's name says where it is not. */
export const sharedIsThere = await Deno.stat(shared).then(() => true, () => false);
export const skipped = sharedIsThere ? "" : " (skipped: ../shared/data is absent)";

/** Runs some work with a file of the given content, and removes it. */
export async function withFile<T>(content: string | Uint8Array, work: (file: string) => Promise<T>): Promise<T> {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, typeof content === "string" ? new TextEncoder().encode(content) : content);
  try {
    return await work(file);
  } finally {
    await Deno.remove(file);
  }
}

/** What is read of a file of the given content: each triplet as a list of its texts, and the report. */
export async function read(
  content: string | Uint8Array,
  options?: ReadTripletsOptions,
): Promise<{ texts: string[][]; report: ReadingReport }> {
  return await withFile(content, async (file) => {
    const { triplets, report } = await loadTriplets(file, options);
    return { texts: [...triplets].map(textsOf), report };
  });
}

/** The message with which a file of the given content is refused; the file is called FILE. */
export async function refusal(content: string | Uint8Array, options?: ReadTripletsOptions): Promise<string> {
  return await withFile(content, async (file) => {
    try {
      await loadTriplets(file, options);
    } catch (error) {
      return (error as Error).message.replaceAll(file, "FILE");
    }
    throw new Error("the file was read");
  });
}

/** The texts of a triplet. */
export function textsOf({ reference, conditioning, target }: Triplet): string[] {
  return [reference, conditioning, target];
}

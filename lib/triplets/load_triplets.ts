/** All triplets of a file, for training. */
import type { Path } from "../io/path.ts";
import { type ReadingReport, readTriplets, type ReadTripletsOptions } from "./read/read_triplets.ts";
import { type TripletList, tripletListBuilder } from "./triplet_list.ts";

/**
 * Reads all triplets of a file into a compact list, such as {@linkcode tripletSampler} draws from; see
 * {@linkcode readTriplets} for the forms of files. The file itself is streamed, so that its text is in memory once.
 *
 * @returns the triplets, and what was changed and dropped, which a caller must show
 * @throws {Error} as `readTriplets`
 * @example
 * ```ts
 * import { loadTriplets } from "@rtd/toolkit/triplets";
 * import { assertEquals } from "@std/assert";
 *
 * const file = await Deno.makeTempFile();
 * await Deno.writeTextFile(file, '{"input": "A cat", "edit": "as a dog", "output": "a dog"}\n');
 * const { triplets, report } = await loadTriplets(file);
 * assertEquals(triplets.at(0), { reference: "a cat", conditioning: "as a dog", target: "a dog" });
 * assertEquals(report.form, "InstructPix2Pix");
 * await Deno.remove(file);
 * ```
 */
export async function loadTriplets(
  path: Path,
  options: ReadTripletsOptions = {},
): Promise<{ triplets: TripletList; report: ReadingReport }> {
  const reader = readTriplets(path, options), list = tripletListBuilder();
  for await (const { triplets } of reader.batches()) list.add(triplets);
  return { triplets: list.finish(), report: reader.report() };
}

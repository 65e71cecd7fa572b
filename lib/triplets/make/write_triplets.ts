/** Made triplets as a file: JSON lines, whole or absent. */
import { writeLinesAtomically } from "../../io/atomic_write.ts";
import type { Path } from "../../io/path.ts";
import type { MadeTriplet } from "./made_triplet.ts";

/**
 * Writes made triplets as JSON lines with `reference`, `conditioning`, `target` and `provenance`, in bounded memory.
 * The file is there when all are written, and not before.
 *
 * @returns the number of triplets
 * @throws {Error} if there is none, or the disk refuses the file; whatever the making of triplets throws
 */
export async function writeTriplets(
  path: Path,
  triplets: Iterable<MadeTriplet> | AsyncIterable<MadeTriplet>,
): Promise<number> {
  async function* lines() {
    let none = true;
    for await (const { reference, conditioning, target, provenance } of triplets) {
      none = false;
      yield JSON.stringify({ reference, conditioning, target, provenance });
    }
    if (none) throw new Error("Making triplets failed: the captions gave none; give more of them.");
  }
  return await writeLinesAtomically(path, lines());
}

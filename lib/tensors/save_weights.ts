/** Weights written to a file one tensor at a time, so that memory grows by the largest of them alone. */
import { crc32 } from "node:zlib";
import { writeBeginningLast } from "../io/atomic_write.ts";
import type { Path } from "../io/path.ts";
import { type NamedArray, storedAs, storedType } from "../io/safetensors.ts";
import { checksumOf, headerBytes, layOut } from "../io/safetensors_header.ts";
import type { Weights } from "./weights.ts";

/** How {@linkcode saveWeights} writes. */
export interface SaveWeightsOptions {
  /** Strings for the header's `__metadata__` (default: none). */
  metadata?: Record<string, string>;
  /** How floating-point numbers are stored (default "F32"); "F16" keeps eleven bits of each. */
  floats?: "F32" | "F16";
}

/**
 * Writes weights as a safetensors file, whole or not at all, with the bytes that `writeSafetensors` makes of the same
 * arrays.
 *
 * @throws {Error} if the disk refuses; what stood at `path` is untouched
 */
export async function saveWeights(
  path: Path,
  weights: Weights,
  { metadata = {}, floats = "F32" }: SaveWeightsOptions = {},
): Promise<void> {
  const entries = layOut(
    Object.fromEntries(
      Object.entries(weights).map((
        [name, { dtype, shape }],
      ) => [name, { dtype: storedType(dtype === "int32", floats), shape }]),
    ),
  );
  let sum = 0;
  async function* parts() {
    for (const [name] of entries) {
      const { bytes } = storedAs(await weights[name].data() as NamedArray["values"], floats);
      sum = crc32(bytes, sum);
      yield bytes;
    }
  }
  const header = (checksum: string) => headerBytes(entries, metadata, checksum);
  const unknown = "0".repeat(8);
  await writeBeginningLast(path, header(unknown).length, parts(), () => header(checksumOf(entries, metadata, sum)));
}

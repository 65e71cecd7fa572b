/** Finds the inverted pseudo-tokens of a benchmark's images. */
import { shown } from "../io/shown.ts";
import type { LoadedTokens } from "../projection/pseudo_token_file.ts";
import type { BenchmarkData } from "./benchmark_data.ts";
import type { FeatureRows } from "./rank_part.ts";

/**
 * Indexes inverted pseudo-tokens by image id, finding each whole image by its path below the benchmark's root.
 *
 * @returns rows that share the tensor of `tokens`, which the caller still disposes
 * @throws {Error} if captions replace the images, or a query's reference is there and has no pseudo-token
 */
export function tokensByImage(
  { names, tokens }: LoadedTokens,
  { files, root, parts, captions }: BenchmarkData,
): FeatureRows {
  if (captions) {
    throw new Error(
      "Evaluating pseudo-tokens failed: they were found for images, which captions replace here; give pseudo-tokens or " +
        "captions.",
    );
  }
  const rowOf = new Map(names.map((name, i) => [name, i]));
  const found = new Map(
    files.filter(({ crop }) => !crop)
      .map(({ id, path }): [string, number] => [id, rowOf.get(path.slice(root.length + 1)) ?? -1])
      .filter(([, row]) => row >= 0),
  );
  if (found.size === 0) {
    throw new Error(
      `Evaluating pseudo-tokens failed: none of the ${names.length} inverted images (${
        shown(names[0])
      }, ...) is an image of the benchmark; make the pseudo-tokens with --images at the benchmark's root.`,
    );
  }
  const present = new Set(files.map(({ id }) => id));
  const references = new Set(parts.flatMap(({ queries }) => queries.map(({ reference }) => reference)));
  const lacking = [...references].filter((id) => present.has(id) && !found.has(id));
  if (lacking.length > 0) {
    throw new Error(
      `Evaluating pseudo-tokens failed: ${lacking.length} of ${references.size} references of queries have none, the ` +
        `first is ${
          shown(lacking[0])
        }; invert all images of the benchmark, or leave "pseudo-token + text" out of the ` +
        "methods.",
    );
  }
  return { rows: tokens, index: found };
}

/** JSON in the metadata of a safetensors file, whose values are strings. */

/**
 * Parses one string of a file's metadata.
 *
 * @param key its name in the metadata
 * @param fits whether the value has the expected form
 * @param file for the error message
 * @throws {Error} if it is missing, not JSON, or does not fit
 */
export function headerJson<T>(
  metadata: Record<string, string>,
  key: string,
  fits: (value: unknown) => value is T,
  file: string,
): T {
  let value: unknown;
  try {
    value = JSON.parse(metadata[key]);
  } catch {
    // The check below refuses undefined.
  }
  if (!fits(value)) {
    throw new Error(`Reading ${file} failed: "${key}" of its metadata is damaged; fetch or make the file again.`);
  }
  return value;
}

/** The goldens of the tests, as samples. */

const folder = new URL("../../../tests/goldens/", import.meta.url);

/** Bytes of a golden file. */
export function golden(name: string): Uint8Array {
  return Deno.readFileSync(new URL(name, folder));
}

/** Bytes as text: what is not UTF-8 is an error with its place, and never a replacement sign. */

/**
 * Makes a decoder of a file's chunks.
 *
 * @param fail throws an error that says what is wrong with the file
 * @returns a function from a chunk to its text; a letter that is cut at a chunk's end comes with the next one, and
 *   `undefined` ends the file
 */
export function utf8Decoder(fail: (what: string) => never): (chunk: Uint8Array | undefined) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let done = 0;
  return (chunk) => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      done += chunk?.length ?? 0;
      return text;
    } catch {
      return fail(`is not UTF-8 text after byte ${done}; save it as UTF-8`);
    }
  };
}

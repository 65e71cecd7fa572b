/** The name that was probably meant. */

/**
 * Returns the known name with the fewest typing errors, if they are at most a third of its letters; the first of
 * several.
 *
 * @param written the unknown name
 * @param known all names
 */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  let best: { name: string; errors: number } | undefined;
  for (const name of known) {
    const errors = typingErrors(written.toLowerCase(), name.toLowerCase());
    if (errors <= Math.ceil(name.length / 3) && errors < (best?.errors ?? Infinity)) best = { name, errors };
  }
  return best?.name;
}

/** Letters to insert, leave out or replace (Levenshtein's distance). */
function typingErrors(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + Number(one[i] !== other[j])));
    }
    row = next;
  }
  return row[other.length];
}

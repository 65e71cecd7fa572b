/** The name that was probably meant. */

/** Letters from which on a beginning says which name is meant. */
const tellingLetters = 3;

/**
 * Returns the known name that was probably meant: one that begins with what was written, if that has three letters or
 * more, else the one with the fewest typing errors, if they are at most a third of its letters; the first of several.
 *
 * @param written the unknown name
 * @param known all names
 */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  const typed = written.toLowerCase();
  const longer = typed.length < tellingLetters ? [] : known.filter((name) => name.toLowerCase().startsWith(typed));
  if (longer.length > 0) return longer.reduce((best, name) => name.length < best.length ? name : best);
  let best: { name: string; errors: number } | undefined;
  for (const name of known) {
    const errors = typingErrors(typed, name.toLowerCase());
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

/** Values that a file should not hold, as error messages show them. */

/** Returns a value as JSON, cut after 80 characters: a message names it, and a file can hold megabytes. */
export function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? "undefined").slice(0, 80);
  } catch {
    return "a value nested too deeply to show";
  }
}

/** Values that a file should not hold, and errors of libraries, as error messages show them: short, on one line. */

/** Returns a value as JSON, cut after 80 characters: a message names it, and a file can hold megabytes. */
export function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? "undefined").slice(0, 80);
  } catch {
    return "a value nested too deeply to show";
  }
}

/**
 * Returns the message of an error on one line, cut after 200 characters: decoders write several, or all that they read.
 * What the system adds to its own errors, such as "(os error 13): open 'a.txt'", is left out.
 */
export function shownReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error.*$/s, "").replace(/\s+/g, " ").trim().slice(0, 200);
}

/**
 * Returns the name of a file for a terminal: control characters, which could begin a line or an escape sequence, and
 * those that turn the direction of writing, as `\uXXXX`.
 */
export function shownName(name: string): string {
  return name.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

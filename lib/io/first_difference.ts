/** Comparison of a configuration that a file holds with the requested one. */
import { shown } from "./shown.ts";

/** A key whose values differ, as error messages show it: each part is cut. */
export interface Difference {
  /** The key. */
  key: string;
  /** Its value in the file; "undefined" if it has none. */
  found: string;
  /** Its value as requested; "undefined" if it has none. */
  requested: string;
}

/** Returns the first key whose values differ as JSON, those of the file first; undefined if none does. */
export function firstDifference(
  found: Record<string, unknown>,
  requested: Record<string, unknown>,
): Difference | undefined {
  const keys = new Set([...Object.keys(found), ...Object.keys(requested)]);
  const different = [...keys].find((key) => !sameJson(found[key], requested[key]));
  if (different === undefined) return undefined;
  return {
    key: shown(different).slice(1, -1),
    found: shown(found[different]),
    requested: shown(requested[different]),
  };
}

function sameJson(a: unknown, b: unknown): boolean {
  try {
    return JSON.stringify(a) === JSON.stringify(b);
  } catch {
    return false; // nested too deeply to be a configuration
  }
}

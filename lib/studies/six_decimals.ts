/** The numbers of runs, as the cache holds them. */

/** Rounds to six decimals, about what 32-bit floats hold. */
export function sixDecimals(value: number): number {
  return Number(value.toFixed(6));
}

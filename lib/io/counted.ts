/** Numbers with their noun. */

/** Returns a number with its noun, such as "1 step" and "2 steps". @param several the plural (default: with an s) */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

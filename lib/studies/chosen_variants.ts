/** Some variants of a study. */
import type { Study, Variant } from "./study.ts";

/**
 * Chooses the variants with one of some texts in their names, and those that these are compared with.
 *
 * @throws {Error} if a text is in no variant's name
 */
export function chosenVariants(
  { name: study }: Study,
  variants: readonly Variant[],
  only: readonly string[],
): Variant[] {
  const unknown = only.find((text) => !variants.some(({ name }) => name.includes(text)));
  if (unknown === undefined) {
    const own = new Set(variants.filter(({ name }) => only.some((text) => name.includes(text))));
    const others = new Set([...own].map(({ against }) => against));
    return variants.filter((one) => own.has(one) || others.has(one.name));
  }
  const names = variants.map(({ name }) => `"${name}"`).join(", ");
  throw new Error(`Planning ${study} failed: no variant has "${unknown}" in its name; there are ${names}.`);
}

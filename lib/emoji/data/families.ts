/**
 * Families of emoji and their split into train, validation and test, so that no edit of a test family is trained on.
 */
import type { Random } from "../../tensors/random.ts";
import type { Emoji } from "./catalogue.ts";

/** A split of the embedded benchmark. */
export type Split = "train" | "validation" | "test";

/** Share of the families in each split, within each kind of family. */
const splitShares: Record<Split, number> = { train: 0.48, validation: 0.12, test: 0.4 };

/**
 * Returns what mainly varies inside a family. The split is drawn within each such kind, so every split has some of
 * each.
 */
function familyKind(members: readonly Emoji[]): string {
  const varies = (value: (emoji: Emoji) => unknown) => new Set(members.map(value)).size > 1;
  if (varies(({ values }) => `${values.colour} ${values.size}`)) return "colour or size";
  if (varies(({ values }) => values.direction)) return "direction";
  if (varies(({ values }) => values.gender)) {
    return members.some(({ subgroup }) => subgroup === "person-role") ? "gender, role" : "gender";
  }
  if (varies(({ values }) => values.tone)) return "tone";
  return "single";
}

/** Groups emoji by the name of their family, in catalogue order. */
export function groupFamilies(emoji: readonly Emoji[]): Map<string, Emoji[]> {
  return Map.groupBy(emoji, ({ family }) => family);
}

/** Draws the split of each family, by the name of the family. */
export function splitFamilies(families: ReadonlyMap<string, readonly Emoji[]>, rng: Random): Map<string, Split> {
  const kinds = Map.groupBy(families.keys(), (family) => familyKind(families.get(family)!));
  const splitOf = new Map<string, Split>();
  for (const kind of [...kinds.keys()].sort()) {
    const order = rng.shuffle(kinds.get(kind)!);
    const trainEnd = Math.round(order.length * splitShares.train);
    const validationEnd = Math.round(order.length * (splitShares.train + splitShares.validation));
    order.forEach((family, i) =>
      splitOf.set(family, i < trainEnd ? "train" : i < validationEnd ? "validation" : "test")
    );
  }
  return splitOf;
}

/** Families of emoji, and their split into train, validation and test: an edit of a test family is never trained on. */
import type { Random } from "../../tensors/random.ts";
import type { Emoji } from "./catalogue.ts";

/** The three parts of the benchmark. */
export const splits = ["train", "validation", "test"] as const;
/** One of {@linkcode splits}. */
export type Split = typeof splits[number];

/** Share of the families that each part gets, within each kind of family. */
export const splitShares: Record<Split, number> = { train: 0.48, validation: 0.12, test: 0.4 };

/** What mainly varies inside a family; the split is drawn within each kind, so every part has some of each. */
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

/** The members of each family, in catalogue order. */
export function groupFamilies(emoji: readonly Emoji[]): Map<string, Emoji[]> {
  const families = new Map<string, Emoji[]>();
  for (const one of emoji) {
    const members = families.get(one.family);
    if (members) members.push(one);
    else families.set(one.family, [one]);
  }
  return families;
}

/** Draws the split: a part for each family. */
export function splitFamilies(families: ReadonlyMap<string, readonly Emoji[]>, rng: Random): Map<string, Split> {
  const kinds = new Map<string, string[]>();
  for (const [family, members] of families) {
    const kind = familyKind(members);
    kinds.set(kind, [...kinds.get(kind) ?? [], family]);
  }
  const part = new Map<string, Split>();
  for (const kind of [...kinds.keys()].sort()) {
    const order = rng.shuffle(kinds.get(kind)!);
    const trainEnd = Math.round(order.length * splitShares.train);
    const validationEnd = Math.round(order.length * (splitShares.train + splitShares.validation));
    order.forEach((family, i) => part.set(family, i < trainEnd ? "train" : i < validationEnd ? "validation" : "test"));
  }
  return part;
}

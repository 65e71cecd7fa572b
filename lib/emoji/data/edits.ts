/** Edits: pairs of emoji that differ in one attribute, in their role, or in two attributes. */
import type { Emoji } from "./catalogue.ts";
import { groupFamilies, type Split } from "./families.ts";
import { type Attribute, attributes } from "./labels.ts";
import type { Change } from "./wording.ts";

/** The edit kinds: one changed attribute, the role ("cook" to "artist"), or two attributes at once. */
export const editKinds = [...attributes, "role", "two"] as const;
/** One of {@linkcode editKinds}. */
export type EditKind = typeof editKinds[number];

/** One edit: from a reference emoji to a target emoji. */
export interface Edit {
  /** Kind of the edit. */
  kind: EditKind;
  /** The emoji before the edit. */
  reference: Emoji;
  /** The emoji after the edit. */
  target: Emoji;
  /** The changed values: two for the kind "two", else one. */
  changes: Change[];
}

/**
 * Lists all edits within one split. A target always has a value for the changed attribute, so that a text can name
 * it: no edit removes a skin tone. Role edits go between two families of Unicode's subgroup "person-role", all
 * attributes being equal.
 *
 * @param parts the split of each family
 */
export function listEdits(emoji: readonly Emoji[], parts: ReadonlyMap<string, Split>, split: Split): Edit[] {
  const families = [...groupFamilies(emoji.filter(({ family }) => parts.get(family) === split)).entries()];
  const edits: Edit[] = [];
  for (const [, members] of families) {
    for (const reference of members) {
      for (const target of members) {
        const changed = attributes.filter((name) => reference.values[name] !== target.values[name]);
        if (changed.length < 1 || changed.length > 2) continue;
        const changes = changed.map((name) => changeOf(name, reference, target));
        if (!changes.every((change) => change !== undefined)) continue;
        edits.push({ kind: changed.length === 2 ? "two" : changed[0], reference, target, changes });
      }
    }
  }
  const roles = families.filter(([family, members]) =>
    family.startsWith("@ ") && members.every(({ subgroup }) => subgroup === "person-role")
  );
  for (const [family, members] of roles) {
    for (const [otherFamily, others] of roles) {
      if (family === otherFamily) continue;
      const byValues = new Map(others.map((other) => [valuesKey(other), other]));
      for (const reference of members) {
        const target = byValues.get(valuesKey(reference));
        if (!target) continue;
        edits.push({ kind: "role", reference, target, changes: [{ from: family.slice(2), to: otherFamily.slice(2) }] });
      }
    }
  }
  return edits;
}

function changeOf(name: Attribute, reference: Emoji, target: Emoji): Change | undefined {
  const from = reference.values[name], to = target.values[name];
  return to === undefined ? undefined : { from, to };
}

function valuesKey({ values }: Emoji): string {
  return attributes.map((name) => values[name] ?? "").join("|");
}

/**
 * Conditioning texts of edits: the templates used in training, templates used in evaluation only, and the bare value.
 *
 * `{V}` is the new value, `{O}` the old one. A text completes "a photo of [$] that ...".
 */
import type { Random } from "../../tensors/random.ts";

/**
 * The wordings of conditioning texts: templates used in training, templates never trained on, or the new value alone.
 */
export const wordings = ["seen", "unseen", "plain"] as const;
/** One of {@linkcode wordings}. */
export type Wording = typeof wordings[number];

/** One changed value. */
export interface Change {
  /** The reference's value; absent where the reference has none. */
  from?: string;
  /** The target's value. */
  to: string;
}

/** The templates of each wording. */
export const wordingTemplates: Record<Wording, readonly string[]> = {
  seen: [
    "is {V}",
    "is {V} instead of {O}",
    "is {V} and not {O}",
    "make it {V}",
    "should be {V}",
    "change {O} to {V}",
    "turn {O} into {V}",
    "is now {V}",
    "becomes {V}",
    "was {O} and is {V}",
  ],
  unseen: ["replace {O} with {V}", "looks the same but {V}", "switch from {O} to {V}", "shows {V} rather than {O}"],
  plain: ["{V}"],
};

/** Makes the conditioning text of an edit from a template drawn from `wording`; two changes are joined by "and". */
export function conditioningText(changes: readonly Change[], wording: Wording, rng: Random): string {
  const withOld = changes.every(({ from }) => from !== undefined);
  const usable = wordingTemplates[wording].filter((template) => withOld || !template.includes("{O}"));
  const template = usable[rng.int(usable.length)];
  return template
    .replace("{O}", () => changes.map(({ from }) => from).join(" and "))
    .replace("{V}", () => changes.map(({ to }) => to).join(" and "));
}

/** Function words, which describe no image: those of all templates and prompts, and a few similar ones, sorted. */
export const functionWords: readonly string[] = [
  ...new Set(
    [
      ...Object.values(wordingTemplates).flat(),
      "a photo of that",
      "an the this it in on at as by for has have be are or",
    ]
      .join(" ").replace(/\{[VO]\}/g, " ").split(/\s+/).filter((word) => word !== ""),
  ),
].sort();

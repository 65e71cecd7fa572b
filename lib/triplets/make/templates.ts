/**
 * Wordings of a change: a bank of our own, since the paper's templates are not public.
 *
 * Every wording names what goes and what comes, so that no conditioning text is empty of the change. `{old}` and `{new}`
 * are noun phrases with their article ("the dog", "a cat"), adjectives, or words as they stand in the captions; `{noun}`
 * is the noun that an adjective describes, `{is}` agrees with it, and `{a new noun}` is both with an article.
 */
import type { Random } from "../../tensors/random.ts";
import { articleOf } from "./noun_forms.ts";

/** What the slots of a wording are filled with. */
export interface Change {
  old: string;
  new: string;
  /** The noun that an adjective describes, and its number. */
  noun?: { text: string; plural: boolean };
}

/** Wordings for a noun phrase in the place of another. */
export const nounTemplates = [
  "replace {old} with {new}",
  "change {old} to {new}",
  "swap {old} for {new}",
  "turn {old} into {new}",
  "{new} instead of {old}",
  "{new} in place of {old}",
  "{new} rather than {old}",
  "not {old} but {new}",
  "has {new} and not {old}",
  "remove {old} and add {new}",
  "take {old} away and show {new}",
  "put {new} in the place of {old}",
  "there should be {new}, not {old}",
  "I want {new}, not {old}",
  "show {new} in place of {old}",
  "the same scene, but with {new} instead of {old}",
] as const;

/** Wordings for an adjective in the place of another. */
export const adjectiveTemplates = [
  "make the {noun} {new} instead of {old}",
  "the {noun} {is} {new}, not {old}",
  "the {noun} should be {new} rather than {old}",
  "change the {noun} from {old} to {new}",
  "turn the {old} {noun} into {a new noun}",
  "replace the {old} {noun} with {a new noun}",
  "{a new noun} instead of the {old} {noun}",
  "show {a new noun} in place of the {old} {noun}",
  "{new} {noun}, not {old}",
  "has {a new noun}, no longer {old}",
  "the {old} {noun} {is} now {new}",
  "the same, but the {noun} {is} {new} instead of {old}",
] as const;

/** Wordings for what someone does, or where something is, in the place of another such phrase. */
export const phraseTemplates = [
  "{new} instead of {old}",
  "{new} rather than {old}",
  "{new}, not {old}",
  "not {old} but {new}",
  "no longer {old}, now {new}",
  "was {old}, now {new}",
  "should be {new}, not {old}",
  "{new} this time, instead of {old}",
  "the same, but {new} instead of {old}",
] as const;

/** Draws one of the wordings. */
export function drawTemplate(templates: readonly string[], rng: Random): string {
  return templates[rng.int(templates.length)];
}

/** Fills the slots of a wording. */
export function wordChange(template: string, { old, new: now, noun }: Change): string {
  const slots: Record<string, string> = { "{old}": old, "{new}": now };
  if (noun) {
    slots["{noun}"] = noun.text;
    slots["{is}"] = noun.plural ? "are" : "is";
    slots["{a new noun}"] = noun.plural ? `${now} ${noun.text}` : `${articleOf(now)} ${now} ${noun.text}`;
  }
  return template.replaceAll(/\{[^}]*\}/g, (slot) => slots[slot]);
}

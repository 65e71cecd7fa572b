/**
 * Conditioning texts of edits of scenes: templates used in training, and others used in evaluation only.
 *
 * A text completes "a photo of [$] that ...". An edit fills the slots of a template (`edits.ts`): `{N}` is what there is
 * now, `{O}` and `{R}` what there was before (a number alone, or things with and without an article), `{K}` a noun for
 * one, `{S}` for several, `{T}` the things in their number, `{IS}` and `{WAS}` verbs that agree with them, `{V}` and
 * `{W}` the new and the old value, `{C}` a comparative, `{G}` a described group.
 */
import type { Random } from "../../tensors/random.ts";

/** The ways of wording a conditioning text: templates used in training, or templates never trained on. */
export const sceneWordings = ["seen", "unseen"] as const;
/** One of {@linkcode sceneWordings}. */
export type SceneWording = typeof sceneWordings[number];

/** Sets of templates: one for each thing that a text can say. */
export const sceneTemplates = {
  cardinality: {
    seen: [
      ...["has {N}", "shows {N}", "has {N} instead of {O}", "has {N} and not {O}", "make it {N}", "should have {N}"],
      ...["change {O} to {N}", "now has {N}", "with {N}", "contains {N}", "turn {O} into {N}", "had {O} and has {N}"],
      ...["has {N} rather than {O}", "is the same with {N}", "should show {N}", "had {O} but now has {N}"],
    ],
    unseen: [
      ...["replace {O} with {N}", "displays {N}", "switch from {O} to {N}", "looks alike but with {N}"],
      "there must be {N}",
    ],
  },
  more: {
    seen: [
      ...["has one more {K}", "has one {K} more", "add one more {K}", "with one more {K}", "has an extra {K}"],
      ...["has an additional {K}", "should have one more {K}", "shows one more {K}", "now has one more {K}"],
      ...["put in one more {K}", "gets another {K}", "has another {K}", "contains one more {K}", "with another {K}"],
    ],
    unseen: ["increase the {S} by one", "gains one {K}", "one {K} joins", "one {K} is new", "see another {K} there"],
  },
  fewer: {
    seen: [
      ...[
        "has one {K} less",
        "has one fewer {K}",
        "take away one {K}",
        "with one {K} less",
        "should have one {K} less",
      ],
      ...["shows one {K} less", "now has one {K} less", "loses one {K}", "remove one {K}", "has one less {K}"],
      ...["contains one {K} less", "with one fewer {K}", "leave out one {K}", "one {K} is gone"],
    ],
    unseen: ["reduce the {S} by one", "misses one {K}", "drop one {K}", "one {K} disappears", "one {K} vanishes"],
  },
  addition: {
    seen: [
      ...["also has {G}", "add {G}", "with {G} too", "has {G} as well", "should also have {G}", "now has {G} too"],
      ...["put {G} in", "also shows {G}", "contains {G} too", "together with {G}", "has {G} beside it", "gets {G}"],
      ...["place {G} next to it", "has {G} in addition", "with {G} added", "should show {G} as well"],
    ],
    unseen: ["include {G}", "must be joined by {G}", "insert {G}", "comes with {G}", "see {G} there as well"],
  },
  removal: {
    seen: [
      ...["has no {S}", "without the {T}", "remove the {T}", "take the {T} away", "the {T} {IS} gone"],
      ...["no longer has the {T}", "should not have {S}", "shows no {S}", "with no {S}", "leave out the {T}"],
      ...["loses the {T}", "is without {S}", "now has no {S}", "contains no {S}", "the {T} {IS} taken away"],
      "does not have {S}",
    ],
    unseen: ["get rid of the {T}", "drop the {T}", "erase the {T}", "never shows {S}", "misses the {T}"],
  },
  replacement: {
    seen: [
      ...["has {N} instead of {O}", "the {T} {IS} now {N}", "change the {T} to {N}", "turn the {T} into {N}"],
      ...["swap the {T} for {N}", "has {N} and not {O}", "should have {N} instead of {O}", "make the {T} {N}"],
      ...["has {N} where the {T} {WAS}", "exchange the {T} for {N}", "with {N} in place of {O}", "had {O} and has {N}"],
      ...["has {N} rather than {O}", "now has {N} in place of the {T}", "shows {N} instead of {O}"],
    ],
    unseen: [
      ...["replace the {T} with {N}", "switch the {T} to {N}", "displays {N} but not {O}"],
      ...["substitute {N} for the {T}", "the {T} must be {N}"],
    ],
  },
  size: {
    seen: [
      ...["has {N}", "the {T} {IS} {V}", "make the {T} {V}", "with {N}", "the {T} should be {V}", "shows {N}"],
      ...["has {N} instead of {O}", "change the {T} to {V}", "the {T} {IS} {V} and not {W}", "now has {N}"],
      ...["turn the {T} {V}", "the {T} {WAS} {W} and {IS} {V}", "the {T} {IS} now {V}", "should have {N}"],
      ...["the {T} {IS} {C}", "make the {T} {C}", "with {N} and not {O}"],
    ],
    unseen: [
      ...[
        "switch the {T} to {V}",
        "displays the {T} {V}",
        "the {T} must be {V}",
        "see {N}",
        "replace the {R} with {N}",
      ],
    ],
  },
  background: {
    seen: [
      ...["is on a {V} background", "has a {V} background", "the background is {V}", "make the background {V}"],
      ...["with a {V} background", "change the background to {V}", "has a {V} background instead of a {W} one"],
      ...["the background should be {V}", "is now on a {V} background", "turn the background {V}"],
      ...["is against a {V} background", "the background is {V} and not {W}", "should be on a {V} background"],
      ...["now has a {V} background", "the background was {W} and is {V}", "shows a {V} background"],
    ],
    unseen: [
      ...["replace the background with a {V} one", "displays a {V} background", "set it on a {V} background"],
      ...["switch to a {V} background", "looks alike but on a {V} background"],
    ],
  },
} as const satisfies Record<string, Record<SceneWording, readonly string[]>>;

/** What a text can say. */
export type SceneSaying = keyof typeof sceneTemplates;

/** A change in words: what it says, and what fills the slots of its template. */
export interface SceneChange {
  /** The set of templates. */
  says: SceneSaying;
  /** Words by slot. */
  slots: Readonly<Record<string, string>>;
}

/** Makes a conditioning text; several changes are joined by "and". */
export function sceneText(changes: readonly SceneChange[], wording: SceneWording, rng: Random): string {
  return changes.map(({ says, slots }) => {
    const templates: readonly string[] = sceneTemplates[says][wording];
    return templates[rng.int(templates.length)].replace(/\{(\w+)\}/g, (_, slot) => slots[slot]);
  }).join(" and ");
}

/** The words of all templates and of prompts, none of which describes a scene, and a few similar ones, sorted. */
export const instructionWords: readonly string[] = [
  ...new Set(
    [
      ...Object.values(sceneTemplates).flatMap((wordings) => Object.values(wordings).flat()),
      "a photo of that are is was were larger smaller this it in at as by for has have be or",
    ].join(" ").replace(/\{\w+\}/g, " ").split(/\s+/)
      .filter((word) => word !== "" && word !== "one" && word !== "background"),
  ),
].sort();

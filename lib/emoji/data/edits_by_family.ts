/** Edits of train families as samplers of triplets draw them. */
import { cleanText } from "../../triplets/triplet.ts";
import { type Edit, editKinds } from "./edits.ts";

/**
 * Groups edits by kind and, within it, by family; a kind without edits is left out.
 *
 * @throws {Error} if there are no edits
 */
export function editsByFamily(edits: readonly Edit[]): Edit[][][] {
  const kinds = editKinds.map((kind) => {
    const ofKind = edits.filter((edit) => edit.kind === kind);
    return [...Map.groupBy(ofKind, ({ reference }) => reference.family).values()];
  }).filter((families) => families.length > 0);
  if (kinds.length === 0) throw new Error("Sampling triplets failed: there are no edits; is the train split empty?");
  return kinds;
}

/** Returns what decides the triplets of edits, for a hash. */
export function editData(edits: readonly Edit[]): unknown[] {
  return edits.map(({ kind, reference, target, changes }) => [kind, reference.caption, target.caption, changes]);
}

/** Returns the captions of references and targets, as triplets have them. */
export function editTexts(edits: readonly Edit[]): string[] {
  return edits.flatMap(({ reference, target }) => [cleanText(reference.caption), cleanText(target.caption)]);
}

/** The ways to combine an image and a text in a search. */

/**
 * The ways to search:
 *
 * - "composed": the text "a photo of [$] that {text}" with `[$] = phi(image)`
 * - "sum": the weighted sum of the similarities to the image and to the text
 * - "product": the weighted product of both, negative similarities taken as 0
 * - "image", "text": one of them alone
 */
export const searchMethods = ["composed", "sum", "product", "image", "text"] as const;
/** One of {@linkcode searchMethods}. */
export type SearchMethod = typeof searchMethods[number];

/**
 * Returns the method that a query takes: without a text that of the image alone, without an image that of the text
 * alone.
 *
 * @throws {Error} if there is neither
 */
export function takenMethod(
  { image, text, method }: { image?: unknown; text: string; method: SearchMethod },
): SearchMethod {
  if (image === undefined && text === "") {
    throw new Error("Searching failed: there is neither an image nor a text; give one of them, or both.");
  }
  return image === undefined ? "text" : text === "" ? "image" : method;
}

/** Checks that a method's models are there. @throws {Error} naming the one that is missing */
export function checkModels(method: SearchMethod, { clip, phi }: { clip?: unknown; phi?: unknown }): void {
  if (method !== "image" && !clip) {
    throw new Error(`Searching by "${method}" failed: there is no CLIP to encode the text; give clip.`);
  }
  if (method === "composed" && !phi) {
    throw new Error('Searching by "composed" failed: there is no phi; give one, or choose "sum" or "product".');
  }
}

/** The query methods, in a file of their own so that a command can list them without loading TensorFlow.js. */

/**
 * The query methods: ways to combine a reference image and a conditioning text into one query.
 *
 * - "image only": the reference's feature; "text only": the conditioning text's; "image + text sum": of both,
 *   normalised
 * - "caption + text": the text "{reference caption}, {text}", where images have captions
 * - "pseudo-token + text": the composed prompt with a pseudo-token that textual inversion found (SEARLE-OTI)
 * - "phi + text": the composed prompt with `[$] = phi(reference feature)`
 * - "oracle": the target's own caption, where images have captions and targets are public
 */
export const queryMethods = [
  "image only",
  "text only",
  "image + text sum",
  "caption + text",
  "pseudo-token + text",
  "phi + text",
  "oracle",
] as const;
/** One of {@linkcode queryMethods}. */
export type QueryMethod = typeof queryMethods[number];

/** Which of a query's texts may be used: all, by the mean of their features, or the first. */
export const captionOrders = ["mean of all", "first"] as const;

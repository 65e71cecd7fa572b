/** The query methods, in a file of their own so that a command can list them without loading TensorFlow.js. */

/**
 * The query methods: ways to combine a reference image and a conditioning text into one query.
 *
 * - "image only": the reference's feature; "text only": the conditioning text's; "image + text sum": of both,
 *   normalised
 * - "image x text product": no query of its own; the gallery is ranked by the similarity to the reference's feature times
 *   that to the conditioning text's (the training-free baseline of i-CIR, arXiv 2510.25387)
 * - "caption + text": the text "{reference caption}, {text}", where images have captions
 * - "pseudo-token + text": the composed prompt with a pseudo-token that textual inversion found (SEARLE-OTI)
 * - "phi + text": the composed prompt with `[$] = phi(reference feature)`
 * - "oracle": the target's own caption, where images have captions and targets are public
 */
export const queryMethods = [
  "image only",
  "text only",
  "image + text sum",
  "image x text product",
  "caption + text",
  "pseudo-token + text",
  "phi + text",
  "oracle",
] as const;
/** One of {@linkcode queryMethods}. */
export type QueryMethod = typeof queryMethods[number];
/** The methods that encode a query as one feature. */
export type EncodedMethod = Exclude<QueryMethod, "image x text product">;

/** Which of a query's texts may be used: all, by the mean of their features, or the first. */
export const captionOrders = ["mean of all", "first"] as const;

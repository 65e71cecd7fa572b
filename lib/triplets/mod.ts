/**
 * Text triplets, the training data of RTD.
 *
 * @module
 */
export { checkTriplets, cleanText, type Triplet } from "./triplet.ts";

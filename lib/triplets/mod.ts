/**
 * Text triplets, the training data of RTD.
 *
 * @module
 */
export { cleanText, type Triplet } from "./triplet.ts";

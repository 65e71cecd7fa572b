/**
 * Text triplets: what RTD trains on.
 *
 * @module
 */
export { cleanText, type Triplet } from "./triplet.ts";

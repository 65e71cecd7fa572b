/** Reads a search request: what is missing or odd is refused in words. */
import { isObject } from "../io/json_values.ts";
import { type SearchMethod, searchMethods } from "../search/search_method.ts";
import type { PageQuery } from "./collection.ts";
import { pageLimits } from "./page_limits.ts";
import { Refusal } from "./refusal.ts";

/** A search request: a query whose image may be named by the token of one that was handed over. */
export type SearchRequest = Omit<PageQuery, "image"> & { image?: number | string };

/** Reads a request. @param size number of images in the collection @throws {Refusal} if it is not one */
export function readSearchRequest(given: unknown, size: number): SearchRequest {
  if (!isObject(given)) throw new Refusal(400, "The request is not a JSON object.");
  const { image, text = "", method = "composed", weight = 0.5, top = 12, ...unknown } = given;
  const refuse = (what: string) => new Refusal(400, `The request's ${what}.`);
  const odd = Object.keys(unknown)[0];
  if (odd !== undefined) throw refuse(`field ${JSON.stringify(odd.slice(0, 40))} is unknown`);
  if (typeof text !== "string" || text.length > pageLimits.textLetters) {
    throw refuse(`text is not a string of at most ${pageLimits.textLetters} letters`);
  }
  if (!searchMethods.includes(method as SearchMethod)) throw refuse(`method is not one of ${searchMethods.join(", ")}`);
  if (!isWithin(weight, 0, 1)) throw refuse("weight is not a number from 0 to 1");
  if (!isWithin(top, 1, pageLimits.results) || !Number.isInteger(top)) {
    throw refuse(`top is not a whole number from 1 to ${pageLimits.results}`);
  }
  const isRow = isWithin(image, 0, size - 1) && Number.isInteger(image);
  if (image !== undefined && typeof image !== "string" && !isRow) {
    throw refuse(`image is neither a whole number from 0 to ${size - 1} nor the token of one that was handed over`);
  }
  if (image === undefined && text.trim() === "") throw new Refusal(422, "Choose an image, type a text, or both.");
  return {
    image: image as number | string | undefined,
    text: text.trim(),
    method: method as SearchMethod,
    weight,
    top,
  };
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

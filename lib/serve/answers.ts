/** Parts of requests and answers that several routes share. */
import type { Context } from "./hono.ts";
import type { Collection, Served, ServedImage } from "./collection.ts";
import { pageLimits } from "./page_limits.ts";
import { readBody } from "./read_body.ts";
import { Refusal } from "./refusal.ts";

/** Returns the collection. @throws {Refusal} with status 503 while it is made */
export function ready({ collection, fault }: Served): Collection {
  if (collection) return collection;
  throw new Refusal(503, fault ?? "The collection is being made; try again in a few seconds.");
}

/** An image of the collection as answers name it. */
export function entry(collection: Collection, row: number): { row: number; label: string } {
  return { row, label: collection.label(row) };
}

/** Answers with an image, which as a document of its own could load and run nothing. */
export function imageAnswer(c: Context, { bytes, type }: ServedImage, caching: string): Response {
  return c.body(bytes, 200, { "content-type": type, "cache-control": caching });
}

/** Reads a request whose content is JSON. @throws {Refusal} if it is called something else, too long or too slow */
export async function readJson({ req }: Context): Promise<unknown> {
  // Another site's form cannot send this type, so a browser asks before it does.
  if (!/^application\/json\s*(;|$)/i.test(req.header("content-type") ?? "")) {
    throw new Refusal(415, "The request is not application/json.");
  }
  const bytes = await readBody(req.raw, { bytes: pageLimits.jsonBytes, seconds: pageLimits.bodySeconds });
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(400, "The request is not JSON.");
  }
}

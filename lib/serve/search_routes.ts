/** Routes of the page that compute: images that are handed over, and searches. */
import { Hono } from "./hono.ts";
import { isObject } from "../io/json_values.ts";
import { shownReason } from "../io/shown.ts";
import { entry, imageAnswer, readJson, ready } from "./answers.ts";
import type { SearchHit } from "../search/search.ts";
import type { Collection, Served } from "./collection.ts";
import { pageLimits } from "./page_limits.ts";
import { readBody } from "./read_body.ts";
import { Refusal } from "./refusal.ts";
import { readSearchRequest } from "./search_request.ts";
import { thumbnail } from "./thumbnail.ts";
import { uploadStore } from "./uploads.ts";
import { workQueue } from "./work_queue.ts";

/** Fetches the image at an address that the person typed. @throws {Error} with a sentence for the person */
export type FetchImage = (address: string) => Promise<Uint8Array>;

/** Makes the routes. @param fetchImage absent: addresses are refused */
export function searchRoutes(served: Served, fetchImage?: FetchImage): Hono {
  const uploads = uploadStore(pageLimits.uploads);
  // One at a time: each computation uses all there is, and their memory would add up.
  const computing = workQueue({ atOnce: 1, mostWaiting: pageLimits.searchesWaiting });
  const taking = workQueue({ atOnce: 2, mostWaiting: pageLimits.uploadsWaiting });

  /** Encodes an image and keeps it. */
  async function take(collection: Collection, bytes: Uint8Array, signal: AbortSignal): Promise<{ token: string }> {
    const upload = await computing.run(async () => {
      try {
        return { shown: await thumbnail(bytes, "the image"), features: await collection.encode(bytes) };
      } catch (error) {
        throw new Refusal(422, shownReason(error));
      }
    }, signal);
    return { token: uploads.keep(upload) };
  }

  return new Hono()
    .get("/uploads/:token", (c) => imageAnswer(c, uploads.get(c.req.param("token")).shown, "private, max-age=3600"))
    .post("/api/uploads", async (c) => {
      const collection = ready(served), { signal } = c.req.raw;
      if (!/^image\/[a-z0-9.+-]+$/i.test(c.req.header("content-type") ?? "")) {
        throw new Refusal(415, "What was handed over is not called an image; hand over a JPEG, PNG or WebP.");
      }
      const bounds = { bytes: pageLimits.uploadBytes, seconds: pageLimits.bodySeconds };
      return c.json(
        await taking.run(async () => await take(collection, await readBody(c.req.raw, bounds), signal), signal),
      );
    })
    .post("/api/addresses", async (c) => {
      const collection = ready(served), { signal } = c.req.raw;
      if (!fetchImage) {
        throw new Refusal(403, "Images are not fetched from addresses here; save the image and hand over its file.");
      }
      const given = await readJson(c);
      if (!isObject(given) || typeof given.address !== "string") throw new Refusal(400, "The request has no address.");
      const address = given.address;
      return c.json(
        await taking.run(async () => {
          const bytes = await fetchImage(address).catch((error) => {
            throw new Refusal(502, shownReason(error));
          });
          return await take(collection, bytes, signal);
        }, signal),
      );
    })
    .post("/api/search", async (c) => {
      const collection = ready(served), { image, ...asked } = readSearchRequest(await readJson(c), collection.size);
      const query = { ...asked, image: typeof image === "string" ? uploads.get(image).features : image };
      if (!collection.methods.includes(query.method)) {
        throw new Refusal(422, `Searching by "${query.method}" needs a model that was not named; choose another way.`);
      }
      let milliseconds = 0;
      const { method, frozen, fineTuned } = await computing.run(async () => {
        const started = performance.now();
        const results = await collection.search(query);
        milliseconds = Math.round(performance.now() - started);
        return results;
      }, c.req.raw.signal);
      const shown = (hits: readonly SearchHit[]) =>
        hits.map(({ row, score }) => ({ ...entry(collection, row), score }));
      return c.json({ method, frozen: shown(frozen), fineTuned: fineTuned && shown(fineTuned), milliseconds });
    });
}

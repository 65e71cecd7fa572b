/** Routes of the page that only read: its state, and the images of the collection. */
import { Hono } from "./hono.ts";
import { shownReason } from "../io/shown.ts";
import { entry, imageAnswer, ready } from "./answers.ts";
import type { Served } from "./collection.ts";
import { pageLimits } from "./page_limits.ts";
import { Refusal } from "./refusal.ts";
import { workQueue } from "./work_queue.ts";

/** Makes the routes. @param addresses whether images are fetched by their addresses */
export function imageRoutes(served: Served, addresses: boolean): Hono {
  const drawing = workQueue({ atOnce: pageLimits.imagesAtOnce, mostWaiting: pageLimits.imagesWaiting });
  return new Hono()
    .get("/api/state", (c) => {
      const { collection, stage, fineTuned, fineTuning, fault, device } = served;
      return c.json({
        device,
        fineTuned,
        fineTuning,
        stage,
        fault,
        addresses,
        limits: pageLimits,
        collection: collection && {
          title: collection.title,
          key: collection.key,
          size: collection.size,
          methods: collection.methods,
          weighted: collection.weighted,
          examples: collection.examples.map(({ row, text }) => ({ ...entry(collection, row), text })),
          credits: collection.credits,
        },
      });
    })
    // In an order that visits each image once and looks shuffled, so that a first look sees all kinds.
    .get("/api/images", (c) => {
      const collection = ready(served), { size } = collection;
      const from = wholeNumber(c.req.query("from") ?? "0", size), count = Math.min(pageLimits.listed, size);
      const step = stride(size);
      const images = Array.from({ length: count }, (_, i) => entry(collection, (from + i) * step % size));
      return c.json({ images, next: (from + count) % size });
    })
    // A row is a number: no path of a request reaches the file system.
    .get("/images/:key/:row", async (c) => {
      const collection = ready(served), row = wholeNumber(c.req.param("row"), collection.size);
      if (c.req.param("key") !== collection.key) throw new Refusal(404, "The collection has no such image.");
      const { signal } = c.req.raw;
      const image = await drawing.run(() => collection.image(row), signal).catch((error) => {
        if (error instanceof Refusal || signal.aborted) throw error;
        throw new Refusal(404, `The image cannot be shown: ${shownReason(error)}`);
      });
      return imageAnswer(c, image, "private, max-age=86400, immutable");
    });
}

/** Reads a whole number below `end`. @throws {Refusal} with status 404 if it is not one */
function wholeNumber(text: string, end: number): number {
  const number = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Infinity;
  if (number >= end) throw new Refusal(404, "The collection has no such image.");
  return number;
}

/** A step through `size` rows that visits each once: near the golden section, and without a divisor in common. */
function stride(size: number): number {
  const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);
  let step = Math.max(1, Math.round(size * 0.618));
  while (divisor(step, size) !== 1) step++;
  return step;
}

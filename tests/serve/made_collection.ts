/** A small collection for tests of the page: no model, known answers. */
import { takenMethod } from "../../lib/search/search_method.ts";
import type { Collection, PageQuery, Served } from "../../lib/serve/collection.ts";

const names = ["red circle", "green circle", "blue circle", "red square", "green square", "blue square"];

/** Makes a collection of six shapes; `asked` is given every query. */
export function madeCollection(asked: PageQuery[] = []): Collection {
  const hits = (rows: readonly number[], image: unknown) =>
    rows.filter((row) => row !== image).map((row, at) => ({ row, id: names[row], score: 0.9 - at / 10 }));
  return {
    title: "6 shapes",
    key: "0123abcd",
    size: names.length,
    examples: [{ row: 0, text: "is green" }],
    credits: ["shapes (made here)"],
    methods: ["composed", "sum", "product", "image", "text"],
    weighted: ["composed", "sum", "product"],
    label: (row) => names[row],
    image: (row) => {
      const [colour, shape] = names[row].split(" ");
      const body = shape === "circle" ? '<circle cx="8" cy="8" r="7"/>' : '<path d="M1 1h14v14H1z"/>';
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="${colour}">${body}</svg>`;
      return Promise.resolve({ bytes: new TextEncoder().encode(svg), type: "image/svg+xml" });
    },
    encode: () => Promise.resolve(Float32Array.of(1, 2)),
    search: (query) => {
      asked.push(query);
      const { image, top } = query, method = takenMethod(query);
      const frozen = hits([3, 4, 1, 0, 2, 5], image).slice(0, top);
      const fineTuned = method === "image" ? undefined : hits([1, 4, 3, 0, 2, 5], image).slice(0, top);
      return Promise.resolve({ method, frozen, fineTuned });
    },
  };
}

/** What is served once all is ready. */
export function madeServed(collection = madeCollection()): Served {
  return { collection, fineTuned: "ready", fineTuning: "RTD", device: "a device" };
}

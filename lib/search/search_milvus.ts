/** Search in a collection in Milvus: the server ranks, by its approximate index. */
import { type MilvusCollection, mostResults } from "./milvus_collection.ts";
import { encodeQuery, multiplied, type QueryOptions, type QueryTerm, summed } from "./query_terms.ts";

/** A query in a collection in Milvus. */
export interface SearchMilvusOptions extends QueryOptions {
  /** The reference image: the name of one of the collection, or the features `[P]` of another image. */
  image?: string | Float32Array;
  /** Number of results (default 20), 16,384 at most. */
  top?: number;
}

/** Images that a product ranks: those of the highest cosines with each of its features. */
const productCandidates = 1000;

/**
 * Searches a collection. A reference that is one of its images is not among the results.
 *
 * Sums are ranked by the server, since a weighted sum of cosines is an inner product with one feature. Of a product, the
 * thousand images (at least) that are most similar to the image, to the text, and to both are ranked.
 *
 * @returns names and scores, best first
 * @throws {Error} as `search`, if the collection has no image of that name, and if the server does not answer
 */
export async function searchMilvus(
  collection: MilvusCollection,
  { image, top = 20, ...query }: SearchMilvusOptions,
): Promise<{ id: string; score: number }[]> {
  if (!(Number.isInteger(top) && top >= 1 && top <= mostResults)) {
    throw new Error(`Searching failed: top is ${top}; give a whole number from 1 to ${mostResults}.`);
  }
  const without = typeof image === "string" ? image : undefined;
  const reference = typeof image === "string" ? await collection.featureOf(image) : image;
  if (without !== undefined && !reference) {
    throw new Error(`Searching failed: the collection has no image "${without}".`);
  }
  const { width } = collection.header;
  if (reference && reference.length !== width) {
    throw new Error(
      `Searching failed: the image has ${reference.length} numbers, expected ${width}; was it encoded with the CLIP of ` +
        "the index?",
    );
  }
  const { combined, terms } = await encodeQuery(query, reference);
  if (combined === "sum") return await collection.nearest(summed(terms), { top, without });
  return await searchProduct(collection, terms, { top, without });
}

async function searchProduct(
  collection: MilvusCollection,
  terms: readonly QueryTerm[],
  { top, without }: { top: number; without?: string },
): Promise<{ id: string; score: number }[]> {
  const found = new Map<string, Float32Array>();
  const most = Math.min(mostResults, Math.max(productCandidates, 10 * top));
  for (const query of [summed(terms), ...terms.map(({ unit }) => unit)]) {
    for (const { id, unit } of await collection.nearest(query, { top: most, without, withFeatures: true })) {
      found.set(id, unit!);
    }
  }
  const scored = [...found].map(([id, unit]) => ({
    ...{ id, score: multiplied(terms, terms.map((term) => inner(term.unit, unit))) },
  }));
  return scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1)).slice(0, top);
}

function inner(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** What `deno task search` searches: an index on disk, or a collection in Milvus. */
import { relative } from "node:path";
import type { IndexedClip } from "../lib/search/index_buckets.ts";
import { checkIndexedClip } from "../lib/search/index_buckets.ts";
import { openMilvusCollection } from "../lib/search/milvus_collection.ts";
import { openImageIndex } from "../lib/search/open_index.ts";
import type { QueryOptions } from "../lib/search/query_terms.ts";
import { search } from "../lib/search/search.ts";
import { searchMilvus } from "../lib/search/search_milvus.ts";

/** A query; its image is the name of one of the source, or the features `[P]` of another. */
export type SourceQuery = QueryOptions & { image?: string | Float32Array; top: number };

/** A result. */
export interface SourceHit {
  /** Name of the image. */
  id: string;
  /** What it was ranked by. */
  score: number;
}

/** Images that can be searched. */
export interface SearchSource extends AsyncDisposable {
  /** The folder that the names are paths in. */
  folder?: string;
  /** The name of an image that was typed as its name or its path; undefined if it is none of the source. */
  nameOf(typed: string, path: string): Promise<string | undefined>;
  /** Searches. */
  search(query: SourceQuery): Promise<SourceHit[]>;
}

/** Opens an index on disk. @param folder where the images are now */
export async function diskSource(path: string, clip: IndexedClip, folder?: string): Promise<SearchSource> {
  const index = await openImageIndex(path, { clip, folder });
  const rows = new Map(index.ids.map((id, row) => [id, row]));
  return {
    folder: index.folder,
    nameOf: (typed, path) => Promise.resolve(namesOf(typed, path, index.folder).find((name) => rows.has(name))),
    async search({ image, ...query }) {
      const hits = await search(index, { ...query, image: typeof image === "string" ? rows.get(image) : image });
      return hits.map(({ id, score }) => ({ id, score }));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(index[Symbol.dispose]()),
  };
}

/** Opens a collection in Milvus. @param images where the images are now */
export async function milvusSource(address: string, clip: IndexedClip, images?: string): Promise<SearchSource> {
  const collection = await openMilvusCollection(address), { header } = collection, folder = images ?? header.folder;
  try {
    await checkIndexedClip(address, header, clip);
  } catch (error) {
    await collection[Symbol.asyncDispose]();
    throw error;
  }
  return {
    folder,
    async nameOf(typed, path) {
      for (const name of namesOf(typed, path, folder)) if (await collection.featureOf(name)) return name;
    },
    search: (query) => searchMilvus(collection, query),
    [Symbol.asyncDispose]: () => collection[Symbol.asyncDispose](),
  };
}

/** The names that an image can have in a source: as it was typed, or its path below the folder. */
function namesOf(typed: string, path: string, folder?: string): string[] {
  return folder === undefined ? [typed] : [typed, relative(folder, path)];
}

/**
 * A collection in Milvus that holds an index: one row an image, with its normalised feature and the norm that it had, its
 * name, the hash of its file's content, and its bucket. Which CLIP made it is said, as JSON, by a property of the collection and by its
 * description.
 *
 * Letters: P width of the embedding.
 */
import { sha256 } from "../io/hash.ts";
import { type IndexHeader, isHeader } from "./index_buckets.ts";
import { type MilvusAddress, milvusAddress } from "./milvus_address.ts";
import { connectMilvus, type MilvusConnection } from "./milvus_client.ts";

/** Longest name of an image, bytes; longer than any path that systems allow. */
const mostNameBytes = 8192;

/** The property that says which CLIP made a collection. */
const property = "rtd.index";

/** Most results of a search or a query, which is what Milvus returns at most. */
export const mostResults = 16_384;

/** Rows that are written at once: the messages of gRPC are bounded in bytes. */
const rowsAtOnce = 1000;

/** Graph of the approximate index: neighbours of a node, and candidates while it is built. */
const graph = { M: 16, efConstruction: 200 };

/** An image as the collection holds it. */
export interface MilvusImage {
  /** Its name: the path below the folder of the images, with slashes. */
  id: string;
  /** Hash of its content. */
  hash: string;
  /** `[P]`, normalised. */
  unit: Float32Array;
  /** The norm that the feature had: a published phi reads features as the CLIP gives them. */
  norm: number;
}

/** A result of {@linkcode MilvusCollection.nearest}. */
export interface MilvusHit {
  /** Name of the image. */
  id: string;
  /** Inner product of its feature and the query. */
  score: number;
  /** `[P]`, normalised, where it was asked for. */
  unit?: Float32Array;
}

/** An open collection. */
export interface MilvusCollection extends AsyncDisposable {
  /** Where it is. */
  address: MilvusAddress;
  /** Which CLIP made it, and of which folder. */
  header: IndexHeader;
  /** Number of images. */
  count(): Promise<number>;
  /** Hashes of the contents of some buckets' images by their names, for each bucket. */
  hashes(buckets: readonly number[]): Promise<Map<number, Map<string, string>>>;
  /** Writes images of a bucket; those of the same names are replaced. */
  write(bucket: number, images: readonly MilvusImage[]): Promise<void>;
  /** Has the server bring what was written into its approximate index, without which it looks at every row. */
  seal(): Promise<void>;
  /** Removes images. */
  remove(ids: readonly string[]): Promise<void>;
  /** The feature `[P]` of an image, as the CLIP gave it; undefined if there is no such image. */
  featureOf(id: string): Promise<Float32Array | undefined>;
  /**
   * The images of the largest inner products with a query, best first, as the approximate index finds them.
   *
   * @param query `[P]`, of any norm
   * @param options number of results, an image that is left out, whether features are returned
   */
  nearest(
    query: Float32Array,
    options: { top: number; without?: string; withFeatures?: boolean },
  ): Promise<MilvusHit[]>;
}

/** How {@linkcode openMilvusCollection} opens. */
export interface OpenMilvusOptions {
  /** Makes the collection with this header if it is missing (default: that is an error). */
  create?: IndexHeader;
}

/**
 * Opens a collection.
 *
 * @param address such as `milvus://localhost:19530/photos`
 * @throws {Error} if the address is none, the server does not answer, there is no such collection, or it is no index
 */
export async function openMilvusCollection(
  address: string,
  { create }: OpenMilvusOptions = {},
): Promise<MilvusCollection> {
  const parsed = milvusAddress(address), connection = await connectMilvus(parsed);
  try {
    const header = await openedHeader(connection, create);
    return collectionOf(connection, header);
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

/** Returns what the collection's description says; makes the collection where it is to be made. */
async function openedHeader({ ask, address, types }: MilvusConnection, create?: IndexHeader): Promise<IndexHeader> {
  const { server, collection: collection_name } = address;
  const { value: found } = await ask("looking for it", (client) => client.hasCollection({ collection_name }));
  if (!found) {
    if (!create) {
      throw new Error(
        `Reading the index failed: Milvus at ${server} has no collection ${collection_name}; "deno task index" makes it.`,
      );
    }
    await ask("making it", (client) =>
      client.createCollection({
        collection_name,
        // Milvus Lite keeps properties and forgets descriptions; a server may do as it likes with a property unknown to it.
        description: JSON.stringify(create),
        properties: { [property]: JSON.stringify(create) },
        // What a run has written is seen by the next.
        consistency_level: "Strong",
        fields: [
          // Names have odd characters; their hash has none, and is short.
          { name: "key", data_type: types.VarChar, is_primary_key: true, max_length: 64 },
          { name: "name", data_type: types.VarChar, max_length: mostNameBytes },
          { name: "hash", data_type: types.VarChar, max_length: 64 },
          { name: "bucket", data_type: types.Int64 },
          { name: "norm", data_type: types.Float },
          { name: "feature", data_type: types.FloatVector, dim: create.width },
        ],
      }));
  }
  const description = await ask("reading its description", (client) => client.describeCollection({ collection_name }));
  const said = (description.properties ?? []).find(({ key }) => key === property)?.value;
  const header = parsedHeader(String(said ?? description.schema.description));
  if (!header) {
    throw new Error(
      `Reading the index failed: the collection ${collection_name} of Milvus at ${server} is not an index of this ` +
        "toolkit; choose another name.",
    );
  }
  if (!description.schema.fields.some(({ name }) => name === "norm")) {
    throw new Error(
      `Reading the index failed: the collection ${collection_name} of Milvus at ${server} lacks the norms of the ` +
        "features, which phi needs: an older version made it; choose another name.",
    );
  }
  // A run that was killed may have left a collection without its index, and to have none is a refusal.
  const indexes = await ask("looking for its index", async (client) => {
    return (await client.listIndexes({ collection_name })).indexes ?? [];
  });
  if (indexes.length === 0) {
    await ask("indexing it", (client) =>
      client.createIndex({
        ...{ collection_name, field_name: "feature", index_type: "HNSW", metric_type: "IP", params: graph },
      }));
  }
  await ask("loading it", (client) => client.loadCollectionSync({ collection_name }));
  return header;
}

function parsedHeader(text: string): IndexHeader | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isHeader(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function collectionOf(connection: MilvusConnection, header: IndexHeader): MilvusCollection {
  const { ask, address } = connection, { collection: collection_name } = address;
  return {
    address,
    header,
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    async count() {
      const { data } = await ask(
        "counting images",
        (client) => client.query({ collection_name, filter: "", output_fields: ["count(*)"] }),
      );
      return Number(data[0]["count(*)"]);
    },
    async hashes(buckets) {
      const found = new Map(buckets.map((bucket) => [bucket, new Map<string, string>()]));
      await ask("reading what it has", async (client) => {
        const pages = await client.queryIterator({
          ...{ collection_name, filter: `bucket in ${JSON.stringify(buckets)}`, batchSize: mostResults },
          output_fields: ["name", "hash", "bucket"],
        });
        for await (const page of pages) {
          for (const { name, hash, bucket } of page) found.get(Number(bucket))!.set(name, hash);
        }
      });
      return found;
    },
    async write(bucket, images) {
      for (let from = 0; from < images.length; from += rowsAtOnce) {
        const data = await Promise.all(
          images.slice(from, from + rowsAtOnce).map(async ({ id, hash, unit, norm }) => ({
            ...{ key: await keyOf(id), name: id, hash, bucket, norm, feature: [...unit] },
          })),
        );
        await ask("writing images", (client) => client.upsert({ collection_name, data }));
      }
    },
    async seal() {
      await ask("sealing it", (client) => client.flushSync({ collection_names: [collection_name] }));
    },
    async remove(ids) {
      for (let from = 0; from < ids.length; from += rowsAtOnce) {
        const keys = await Promise.all(ids.slice(from, from + rowsAtOnce).map(keyOf));
        await ask(
          "forgetting images",
          (client) => client.delete({ collection_name, filter: `key in ${JSON.stringify(keys)}` }),
        );
      }
    },
    async featureOf(id) {
      const key = await keyOf(id);
      const { data } = await ask(
        "reading an image",
        (client) => client.query({ collection_name, filter: `key == "${key}"`, output_fields: ["feature", "norm"] }),
      );
      if (data.length === 0) return undefined;
      const [{ feature, norm }] = data;
      return Float32Array.from(feature as number[], (value) => value * norm);
    },
    async nearest(query, { top, without, withFeatures }) {
      const filter = without === undefined ? "" : `key != "${await keyOf(without)}"`;
      const { results } = await ask("searching", (client) =>
        client.search({
          ...{ collection_name, anns_field: "feature", data: [...query], limit: top, filter, metric_type: "IP" },
          ...{ params: { ef: candidates(top) }, output_fields: ["name", ...(withFeatures ? ["feature"] : [])] },
        }));
      return results.map(({ name, score, feature }) => ({
        ...{ id: name, score },
        ...(withFeatures ? { unit: Float32Array.from(feature) } : {}),
      }));
    },
  };
}

/** Candidates that the graph is searched with: more find more of the true neighbours, in more time. */
function candidates(top: number): number {
  return Math.max(128, 2 * top);
}

async function keyOf(id: string): Promise<string> {
  return (await sha256(new TextEncoder().encode(id))).slice(0, 32);
}

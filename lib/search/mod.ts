/**
 * Search one's own images: an index of a folder, and queries by an image and a text that changes it.
 *
 * @module
 */
export { encodeImage, type EncodeImageOptions } from "./encode_image.ts";
export { fetchImage, type FetchImageOptions } from "./fetch_image.ts";
export { type ImageIndex, imageIndex } from "./image_index.ts";
export { indexImages, type IndexImagesOptions, type IndexReport } from "./index_images.ts";
export type { IndexShard } from "./index_shard.ts";
export { openImageIndex, type OpenIndexOptions } from "./open_index.ts";
export type { IndexedClip, IndexHeader } from "./index_buckets.ts";
export { search, type SearchHit, type SearchOptions } from "./search.ts";
export { type SearchMethod, searchMethods } from "./search_method.ts";
export type { QueryOptions } from "./query_terms.ts";

// The same in Milvus.
export type { MilvusAddress } from "./milvus_address.ts";
export {
  type MilvusCollection,
  type MilvusHit,
  type MilvusImage,
  openMilvusCollection,
  type OpenMilvusOptions,
} from "./milvus_collection.ts";
export { type PushReport, pushToMilvus, type PushToMilvusOptions } from "./push_to_milvus.ts";
export { searchMilvus, type SearchMilvusOptions } from "./search_milvus.ts";

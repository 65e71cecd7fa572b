/** What is used of the Parquet library; nothing else imports it. */
export { compressors } from "npm:hyparquet-compressors@1.1.2";
export {
  type AsyncBuffer,
  type ColumnMetaData,
  type DataReader,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from "npm:hyparquet@1.33.0";
// Parts that it decodes with; parquet_pages.ts looks at pages before they are decoded.
export { parquetHeader } from "npm:hyparquet@1.33.0/src/column.js";
export { decompressPage } from "npm:hyparquet@1.33.0/src/datapage.js";
export { deltaBinaryUnpack } from "npm:hyparquet@1.33.0/src/delta.js";
export { readRleBitPackedHybrid } from "npm:hyparquet@1.33.0/src/encoding.js";
export { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from "npm:hyparquet@1.33.0/src/schema.js";
export { readVarInt } from "npm:hyparquet@1.33.0/src/thrift.js";

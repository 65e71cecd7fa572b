/**
 * Looks at the pages of a column before they are decoded. The library believes every count in them: a run that is said to
 * be two billion values long is written out in full, and one whose blocks have no length never ends.
 */
import { crc32 } from "node:zlib";
import {
  type ColumnMetaData,
  compressors,
  type DataReader,
  decompressPage,
  deltaBinaryUnpack,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  type getTreePath,
  parquetHeader,
  readRleBitPackedHybrid,
  readVarInt,
} from "./hyparquet.ts";

/** Most values of a page; writers begin a new page after some ten thousand rows or a megabyte. */
const mostValues = 1 << 24;

/** Most values of a delta block; writers take 128. */
const mostInBlock = 1 << 16;

/** What is known of a column of a group. */
export interface GroupColumn {
  /** What the file's footer says of it. */
  meta: ColumnMetaData;
  /** Its place in the schema, from the root on. */
  schemaPath: ReturnType<typeof getTreePath>;
}

/**
 * Checks that no count in the pages of a column is larger than what can be there, and the pages' checksums where the
 * writer has left them.
 *
 * @param bytes of the column in one row group
 * @throws {Error} with the reason
 */
export function checkPages(bytes: ArrayBuffer, { meta, schemaPath }: GroupColumn): void {
  const reader = readerOf(new Uint8Array(bytes)), total = Number(meta.num_values);
  let values = 0;
  while (reader.offset < bytes.byteLength - 1 && values < total) {
    const header = parquetHeader(reader), size = header.compressed_page_size;
    requireIn("size of a page", size, bytes.byteLength - reader.offset);
    requireIn("unpacked size of a page", header.uncompressed_page_size, Number(meta.total_uncompressed_size));
    const packed = new Uint8Array(bytes, reader.offset, size);
    reader.offset += size;
    // The format has the checksum as a signed number.
    if (header.crc !== undefined && crc32(packed) !== header.crc >>> 0) throw new Error("a page has another checksum");
    const unpack = (part: Uint8Array, size: number) => decompressPage(part, size, meta.codec, compressors);
    const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: dictionary } = header;
    if (header.type === "DICTIONARY_PAGE" && dictionary) {
      // Every value takes a byte or more.
      requireIn("number of values of a dictionary", dictionary.num_values, header.uncompressed_page_size);
    } else if (header.type === "DATA_PAGE" && first) {
      const count = requireIn("number of values of a page", first.num_values, Math.min(mostValues, total - values));
      const page = readerOf(unpack(packed, header.uncompressed_page_size));
      checkLevels(page, getMaxRepetitionLevel(schemaPath), count);
      const present = checkLevels(page, getMaxDefinitionLevel(schemaPath), count);
      checkValues(page, first.encoding, present, meta.type);
      values += count;
    } else if (header.type === "DATA_PAGE_V2" && second) {
      const { repetition_levels_byte_length: repetition, definition_levels_byte_length: definition } = second;
      const count = requireIn("number of values of a page", second.num_values, Math.min(mostValues, total - values));
      const nulls = requireIn("number of empty values of a page", second.num_nulls, count);
      requireIn("size of a page's levels", repetition, size);
      requireIn("size of a page's levels", definition, size - repetition);
      checkLevels(readerOf(packed), getMaxRepetitionLevel(schemaPath), count, repetition);
      checkLevels(readerOf(packed.subarray(repetition)), getMaxDefinitionLevel(schemaPath), count, definition);
      const rest = header.uncompressed_page_size - repetition - definition,
        part = packed.subarray(repetition + definition);
      checkValues(
        readerOf(second.is_compressed && rest > 0 ? unpack(part, rest) : part),
        second.encoding,
        count - nulls,
        meta.type,
      );
      values += count;
    }
  }
}

function readerOf(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function requireIn(what: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`the ${what} is ${value}, which is not from 0 to ${most}`);
}

/**
 * Checks the levels of a page and reads them.
 *
 * @param length bytes that they take; by default it stands before them
 * @returns the values that are not empty, by definition levels
 */
function checkLevels(reader: DataReader, largest: number, count: number, length?: number): number {
  if (largest === 0) return count;
  const width = 32 - Math.clz32(largest), start = length === undefined ? reader.offset + 4 : reader.offset;
  checkRuns({ view: reader.view, offset: start }, width, count);
  const levels = new Array<number>(count);
  readRleBitPackedHybrid(reader, width, levels, length);
  return levels.reduce((sum, level) => level === largest ? sum + 1 : sum, 0);
}

/** Checks that no run is longer than the values that it is for; a packed one is filled up to eight. */
function checkRuns(reader: DataReader, width: number, count: number): void {
  requireIn("width of a number", width, 32);
  for (let seen = 0; seen < count;) {
    const header = readVarInt(reader) >>> 0, packed = header & 1;
    const run = packed ? 8 * (header >>> 1) : header >>> 1, most = count - seen;
    // A writer may fill its last packed run with groups that nobody reads; they are in the page.
    const bytes = packed ? run / 8 * width : (width + 7) >> 3, left = reader.view.byteLength - reader.offset;
    if (run > (packed ? Math.max(8 * Math.ceil(most / 8), width > 0 ? 8 * left / width : 0) : most)) {
      throw new Error(`a run of ${run} values stands where ${most} are left`);
    }
    reader.offset += bytes;
    seen += run;
  }
}

function checkValues(reader: DataReader, encoding: string, count: number, type: ColumnMetaData["type"]): void {
  switch (encoding) {
    case "RLE":
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY": {
      if (count === 0) return;
      // Truth values have no width before their runs, but a length.
      if (type === "BOOLEAN") return checkRuns({ view: reader.view, offset: reader.offset + 4 }, 1, count);
      const width = reader.view.getUint8(reader.offset++);
      if (width > 0) checkRuns(reader, width, count);
      return;
    }
    case "DELTA_BINARY_PACKED":
      return checkDeltaBlocks(reader, count);
    case "DELTA_LENGTH_BYTE_ARRAY":
      return checkDeltaBlocks(reader, count);
    case "DELTA_BYTE_ARRAY": {
      checkDeltaBlocks(reader, count);
      const shared = new Int32Array(count), own = new Int32Array(count);
      if (count > 0) deltaBinaryUnpack(reader, count, shared);
      checkDeltaBlocks(reader, count);
      if (count > 0) deltaBinaryUnpack(reader, count, own);
      for (let i = 0, before = 0; i < count; before = shared[i] + own[i], i++) {
        requireIn("number of letters that a text shares with the one before", shared[i], before);
        requireIn("length of a text", own[i], reader.view.byteLength);
      }
    }
  }
}

/** Checks the head of delta-encoded numbers. */
function checkDeltaBlocks({ view, offset }: DataReader, count: number): void {
  if (count === 0) return;
  const reader = { view, offset }, block = readVarInt(reader), parts = readVarInt(reader);
  requireIn("size of a delta block", block - 1, mostInBlock - 1);
  requireIn("number of parts of a delta block", parts - 1, block - 1);
}

/** Rows of Parquet files, some ten thousand at a time. */
import { type FileHandle, open as openFile } from "node:fs/promises";
import { shownReason } from "../../io/shown.ts";
import {
  type AsyncBuffer,
  compressors,
  type FileMetaData,
  getTreePath,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from "./hyparquet.ts";
import { checkPages } from "./parquet_pages.ts";
import { batchSize, type RowBatch } from "./row_batches.ts";

/**
 * Rows that are decoded at a time. Writers put up to a million rows into a group, which would fill the memory; a part of
 * a group costs reading the bytes of its columns anew, but not decoding them.
 */
const partSize = 1 << 16;

/**
 * Reads the rows of a Parquet file. The packed columns of one row group are in memory, and the texts of 65,536 rows.
 *
 * @param wanted names of columns that may be needed; others, such as images, are left on the disk
 * @param onRows called with the rows that have been read, and their total
 * @param fail throws an error that says what is wrong with the file
 */
export async function* parquetRows(
  file: string,
  { wanted, onRows, fail }: {
    wanted: ReadonlySet<string>;
    onRows: (done: number, total: number) => void;
    fail: (what: string) => never;
  },
): AsyncGenerator<RowBatch> {
  await using open = await openFile(file);
  const buffer = fileBuffer(open, (await open.stat()).size);
  const damaged = (error: unknown, after: number): never =>
    fail(`is a damaged Parquet file after row ${after} (${shownReason(error)}); fetch it again`);
  const metadata = await parquetMetadataAsync(buffer).catch((error) => damaged(error, 0));
  const groups = metadata.row_groups.map(({ num_rows }) => Number(num_rows));
  const counted = groups.reduce((sum, rows) => sum + rows, 0);
  if (groups.some((rows) => rows < 0) || counted !== Number(metadata.num_rows)) {
    damaged(`it is said to have ${metadata.num_rows} rows, its groups have ${counted}`, 0);
  }
  const names = namesOf(metadata, (error) => damaged(error, 0));
  const columns = names.filter((name) => wanted.has(name)), total = Number(metadata.num_rows);
  // The first row shows the names of all columns, so that the caller can say which of them it does not know.
  const unread = Object.fromEntries(names.map((name) => [name, undefined]));
  if (columns.length === 0) {
    if (total > 0) yield { first: 1, rows: [unread] };
    return;
  }
  const options = { file: buffer, metadata, columns, compressors, parsers: { stringFromBytes: utf8 } };
  for (const { group, from, to, begins } of parts(groups)) {
    if (begins) {
      await checkGroup(metadata, metadata.row_groups[group], wanted, buffer).catch((error) => damaged(error, from));
    }
    const rows = await parquetReadObjects({ ...options, rowStart: from, rowEnd: to })
      .catch((error) => damaged(error, from));
    if (rows.length !== to - from) damaged(`${rows.length} rows follow where ${to - from} are said to`, from);
    if (from === 0) rows[0] = { ...unread, ...rows[0] };
    for (let at = 0; at < rows.length; at += batchSize) {
      yield { first: from + at + 1, rows: rows.slice(at, at + batchSize) };
    }
    onRows(to, total);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A text; the library by itself would put replacement signs where bytes are damaged. */
function utf8(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error("a text is not UTF-8");
  }
}

/** Names of the columns, those of nested ones' outermost parts. */
function namesOf(metadata: FileMetaData, damaged: (error: unknown) => never): string[] {
  try {
    return parquetSchema(metadata).children.map(({ element }) => element.name);
  } catch (error) {
    return damaged(error);
  }
}

/** Looks at the wanted columns of a group before any of them is decoded. @throws {Error} with what is damaged */
async function checkGroup(
  metadata: FileMetaData,
  { columns, num_rows }: RowGroup,
  wanted: ReadonlySet<string>,
  file: AsyncBuffer,
): Promise<void> {
  const schema = parquetSchema(metadata);
  for (const { meta_data: meta } of columns) {
    if (!meta || !wanted.has(meta.path_in_schema[0])) continue;
    const schemaPath = getTreePath(schema, meta.path_in_schema);
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const size = Number(meta.total_compressed_size);
    if (!(start >= 0 && size >= 0 && start + size <= file.byteLength)) {
      throw new Error(`a column goes from byte ${start} to ${start + size} of ${file.byteLength}`);
    }
    if (schemaPath.length === 2 && meta.num_values !== num_rows) {
      throw new Error(`a column has ${meta.num_values} values for ${num_rows} rows`);
    }
    checkPages(await file.slice(start, start + size), { meta, schemaPath });
  }
}

/** A part of a group, from one row to another, counted over the file. */
interface Part {
  /** Index of the group. */
  group: number;
  from: number;
  to: number;
  /** Whether it is the first of its group. */
  begins: boolean;
}

/** Cuts groups of rows into parts of at most {@linkcode partSize}; none crosses the border of a group. */
function* parts(groups: readonly number[]): Generator<Part> {
  let start = 0;
  for (const [group, rows] of groups.entries()) {
    const end = start + rows;
    for (let from = start; from < end; from += partSize) {
      yield { group, from, to: Math.min(from + partSize, end), begins: from === start };
    }
    start = end;
  }
}

/** A file as the library reads it: any part at any time, several at once. */
function fileBuffer(open: FileHandle, size: number): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const from = start < 0 ? Math.max(0, size + start) : start;
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from));
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await open.read(bytes, at, bytes.length - at, from + at);
        if (bytesRead === 0) throw new Error(`it ends at byte ${from + at}`);
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

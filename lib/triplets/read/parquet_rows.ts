/** Rows of Parquet files, some ten thousand at a time. */
import { type FileHandle, open as openFile } from "node:fs/promises";
import { compressors } from "npm:hyparquet-compressors@1.1.2";
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "npm:hyparquet@1.33.0";
import { shownReason } from "../../io/shown.ts";
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
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = names.filter((name) => wanted.has(name)), total = Number(metadata.num_rows);
  // The first row shows the names of all columns, so that the caller can say which of them it does not know.
  const unread = Object.fromEntries(names.map((name) => [name, undefined]));
  if (columns.length === 0) {
    if (total > 0) yield { first: 1, rows: [unread] };
    return;
  }
  const options = { file: buffer, metadata, columns, compressors };
  for (const [from, to] of parts(metadata.row_groups.map(({ num_rows }) => Number(num_rows)))) {
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

/** Cuts groups of rows into parts of at most {@linkcode partSize}; none crosses the border of a group. */
function* parts(groups: readonly number[]): Generator<[from: number, to: number]> {
  let from = 0;
  for (const rows of groups) {
    const end = from + rows;
    for (; from < end; from = Math.min(from + partSize, end)) yield [from, Math.min(from + partSize, end)];
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

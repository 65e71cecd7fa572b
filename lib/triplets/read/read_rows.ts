/** Rows of any kind of file, streamed. */
import type { OnProgress } from "../../io/on_progress.ts";
import type { Path } from "../../io/path.ts";
import { openBytes } from "./byte_source.ts";
import { type FileKind, fileKind } from "./file_kind.ts";
import { jsonLineRows } from "./json_line_rows.ts";
import { jsonTreeRows } from "./json_tree_rows.ts";
import { parquetRows } from "./parquet_rows.ts";
import type { RowBatch } from "./row_batches.ts";
import { separatedRows } from "./separated_rows.ts";

/** What a file is, as reports name it, such as "JSON lines" or "CSV, gzip". */
export type KindName = string;

/** Options of {@linkcode readRows}. */
export interface ReadRowsOptions {
  /** Begins the error messages, such as "Reading triplets". */
  action: string;
  /** Columns that may be needed; of a Parquet file no others are read. */
  wanted: ReadonlySet<string>;
  /** Called with what the file is, before the first row. */
  onKind?: (kind: KindName) => void;
  /** Called with the megabytes that were read and those of the file; with rows for Parquet. */
  onProgress?: OnProgress;
}

/**
 * Reads the rows of JSON lines, a JSON list or object, CSV, TSV (each of them also as gzip) or Parquet, whichever it is.
 *
 * @throws {Error} if there is no such file, it is none of these, or is cut or damaged: then rows before the damage have
 *   been given already
 */
export async function* readRows(
  path: Path,
  { action, wanted, onKind = () => {}, onProgress = () => {} }: ReadRowsOptions,
): AsyncGenerator<RowBatch> {
  const mega = (bytes: number) => Math.round(bytes / 1e5) / 10;
  let parquet = false;
  const source = await openBytes(path, action, (done, size) => parquet || onProgress(mega(done), mega(size), "MB"));
  const fail = (what: string): never => {
    throw new Error(`${action} failed: ${source.file} ${what}.`);
  };
  try {
    const found = fileKind(source, action);
    parquet = found.kind === "Parquet";
    if (parquet && source.gzip) fail("is a Parquet file inside gzip; unpack it with gunzip");
    onKind(kindName(found, source.gzip));
    switch (found.kind) {
      case "JSON lines":
        return yield* jsonLineRows(source.chunks(), fail);
      case "JSON list":
      case "JSON object":
        return yield* jsonTreeRows(source.chunks(), fail);
      case "separated":
        return yield* separatedRows(source.chunks(), found.separator, fail);
      case "Parquet":
        return yield* parquetRows(source.file, {
          wanted,
          fail,
          onRows: (done, total) => onProgress(done, total, "rows"),
        });
    }
  } finally {
    await source.close();
  }
}

function kindName(found: FileKind, gzip: boolean): KindName {
  const names = { ",": "CSV", "\t": "TSV", ";": "CSV with semicolons" };
  return (found.kind === "separated" ? names[found.separator] : found.kind) + (gzip ? ", gzip" : "");
}

/** Rows of CSV and TSV. */
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "npm:csv-parse@7.0.3";
import { shown } from "../../io/shown.ts";
import { type Row, type RowBatch, rowBatcher } from "./row_batches.ts";
import { utf8Decoder } from "./utf8.ts";

/** Longest row, in bytes: a quote that is never closed would else take the rest of the file for one field. */
const longestRow = 1 << 20;

/**
 * Reads rows of texts (RFC 4180; lines end with LF or CRLF) below a header. A quote inside a field that does not begin
 * with one is a plain sign. Empty lines are skipped.
 *
 * @param fail throws an error that says what is wrong with the file
 */
export async function* separatedRows(
  chunks: AsyncIterable<Uint8Array>,
  separator: string,
  fail: (what: string) => never,
): AsyncGenerator<RowBatch> {
  const check = utf8Decoder(fail);
  const checked = async function* () {
    for await (const chunk of chunks) {
      check(chunk);
      yield chunk;
    }
    check(undefined);
  };
  const parser = parse({
    delimiter: separator,
    relax_quotes: true,
    // Told below, with the row: after an error of its own the parser forgets the rows before it.
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
  });
  // Errors of either stream are thrown by the loop below.
  pipeline(Readable.from(checked(), { objectMode: false }), parser, () => {});
  const batch = rowBatcher();
  let header: string[] | undefined;
  try {
    for await (const fields of parser as AsyncIterable<string[]>) {
      if (header) batch.add(rowOf(fields, header, batch.count() + 1, fail));
      else header = checkedHeader(fields, fail);
      if (batch.full()) yield batch.take();
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { records, lines, code } = error as CsvError & { records: number; lines: number };
    const open = code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE";
    const what = open ? "opens a quote that is not closed" : `is broken (${code})`;
    fail(`has a row ${records} (line ${lines}) that ${what}; fetch or make it again`);
  }
  yield batch.take();
}

function rowOf(fields: string[], header: string[], row: number, fail: (what: string) => never): Row {
  if (fields.length !== header.length) {
    const columns = `${header.length} columns: ${shown(fields.slice(0, 3))}`;
    fail(`has a row ${row} with ${fields.length} fields for ${columns}; quote texts that contain the separator`);
  }
  return Object.fromEntries(header.map((name, i) => [name, fields[i]]));
}

function checkedHeader(fields: string[], fail: (what: string) => never): string[] {
  const names = fields.map((name) => name.trim());
  const twice = names.find((name, i) => name !== "" && names.indexOf(name) !== i);
  if (twice !== undefined) fail(`has two columns ${shown(twice)}; rename one`);
  return names;
}

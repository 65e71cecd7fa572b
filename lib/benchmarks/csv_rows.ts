/** Rows of a CSV file that has no header. */

/** A row with the line that it begins on, counted from 1. */
export interface CsvRow {
  /** The line. */
  line: number;
  /** Its fields, without quotes. */
  fields: string[];
}

/** The rows of a text, up to the first fault. */
export interface CsvRows {
  /** The rows. */
  rows: CsvRow[];
  /** The line whose quote is never closed, or is followed by something else than a comma or the end of the line. */
  brokenLine?: number;
}

/**
 * Splits a text into rows (RFC 4180; lines end with LF or CRLF). A quote inside a field that does not begin with one is a
 * plain sign. Empty lines are skipped.
 */
export function csvRows(text: string): CsvRows {
  const rows: CsvRow[] = [];
  let at = 0, line = 1;
  while (at < text.length) {
    const feed = text.indexOf("\n", at), end = feed < 0 ? text.length : feed;
    const plain = text.slice(at, text[end - 1] === "\r" && end > at ? end - 1 : end);
    if (!plain.includes('"')) {
      // Most lines: three quarters of a million of them are split at once.
      if (plain !== "") rows.push({ line, fields: plain.split(",") });
      [at, line] = [end + 1, line + 1];
      continue;
    }
    const row = quotedRow(text, at);
    if (!row) return { rows, brokenLine: line };
    rows.push({ line, fields: row.fields });
    line += text.slice(at, row.next).split("\n").length - 1;
    at = row.next;
  }
  return { rows };
}

/** Reads the row that begins at a letter; a quoted field may go over several lines. */
function quotedRow(text: string, start: number): { fields: string[]; next: number } | undefined {
  const fields: string[] = [], separator = /,|\r?\n|$/g;
  for (let at = start;;) {
    const quoted = text[at] === '"' ? quotedField(text, at) : undefined;
    if (text[at] === '"' && !quoted) return undefined;
    separator.lastIndex = quoted?.end ?? at;
    const found = separator.exec(text)!;
    if (quoted && found.index !== quoted.end) return undefined;
    fields.push(quoted?.value ?? text.slice(at, found.index));
    at = found.index + found[0].length;
    if (found[0] !== ",") return { fields, next: at };
  }
}

/** Reads the quoted field that begins at a letter; a doubled quote stands for one. */
function quotedField(text: string, start: number): { value: string; end: number } | undefined {
  let value = "";
  for (let at = start + 1;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

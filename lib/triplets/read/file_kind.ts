/** What a file is, told by its first bytes and never by its name. */
import { isObject } from "../../io/json_values.ts";
import { decodeText } from "../../io/read_file.ts";
import { shown } from "../../io/shown.ts";
import type { ByteSource } from "./byte_source.ts";

/**
 * Kinds of files with rows: JSON lines; a JSON list of objects; a JSON object of objects, whose keys are part of the
 * rows; texts separated by a sign, with a header; Parquet.
 */
export type FileKind =
  | { kind: "JSON lines" | "JSON list" | "JSON object" | "Parquet" }
  | { kind: "separated"; separator: "," | "\t" | ";" };

/** Beginnings of files that hold other things, with what to do about them. */
const others: [signature: number[], what: string, advice: string][] = [
  [[0x50, 0x4b, 3, 4], "a ZIP archive (or a spreadsheet)", "unpack it, or save it as CSV"],
  [[0x28, 0xb5, 0x2f, 0xfd], "packed by zstd", "unpack it with unzstd"],
  [[0x42, 0x5a, 0x68], "packed by bzip2", "unpack it with bunzip2"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "packed by xz", "unpack it with unxz"],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], "an Arrow file", "save it as Parquet or JSON lines"],
  [[0xff, 0xff, 0xff, 0xff], "an Arrow stream", "save it as Parquet or JSON lines"],
  [[0x80, 2, 0x7d], "a Python pickle", "save it as JSON lines"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF", "name the file with the rows"],
];

/**
 * Tells what a file is.
 *
 * @param action begins the error messages
 * @throws {Error} if the file is empty, a web page, an archive, not UTF-8, or of no known kind
 */
export function fileKind({ file, head, whole }: ByteSource, action: string): FileKind {
  const fail = (what: string): never => {
    throw new Error(`${action} failed: ${file} ${what}.`);
  };
  if (head.length === 0) fail("is empty; fetch or make it again");
  if (starts(head, [0x50, 0x41, 0x52, 0x31])) return { kind: "Parquet" };
  for (const [signature, what, advice] of others) if (starts(head, signature)) fail(`is ${what}; ${advice}`);
  const text = headText(head, whole, file), trimmed = text.trimStart();
  if (trimmed === "") fail("is empty: no line has a text");
  if (trimmed.startsWith("<")) fail(webPage(trimmed));
  if (trimmed.startsWith("[")) return { kind: "JSON list" };
  if (trimmed.startsWith("{")) return { kind: jsonKind(trimmed, whole) };
  const line = firstLine(trimmed), separator = separatorOf(line);
  if (separator === undefined) {
    fail(`begins with ${shown(line)}, which is neither JSON, nor Parquet, nor a header of columns; ${knownKinds}`);
  }
  return { kind: "separated", separator: separator! };
}

const knownKinds = "give JSON lines, a JSON list, CSV, TSV or Parquet";

function starts(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** The text of the first bytes; a letter of several bytes that is cut at their end is left out. */
function headText(head: Uint8Array, whole: boolean, file: string): string {
  if (whole) return decodeText(head, file);
  let end = head.length;
  while (end > 0 && (head[end - 1] & 0xc0) === 0x80) end--;
  return decodeText(head.subarray(0, end - 1), file);
}

function webPage(text: string): string {
  const title = text.match(/<title[^>]*>([^<]*)/i)?.[1].replace(/\s+/g, " ").trim().slice(0, 80);
  // What Google Drive sends in the place of a file that it could not scan, or that was fetched too often.
  if (title !== undefined && /google drive/i.test(title)) {
    return `is a web page of Google Drive ("${title}") and not the file behind it; open the link in a browser and do ` +
      "what the page says, or fetch the file with gdown";
  }
  if (!/^<(!doctype html|html|head|body|\?xml[^>]*>\s*<(!doctype )?html)/i.test(text)) {
    return `begins with ${shown(firstLine(text))}: it is XML; ${knownKinds}`;
  }
  return `is a web page${
    title ? ` ("${title}")` : ""
  }, a login or error page that was saved in the place of the data; ` +
    "fetch the file again";
}

/**
 * JSON lines have an object on the first line. One line alone is an object of rows if all its values are objects, which
 * no row is; what spreads over lines, or has a first line that is too long for a row, is one object.
 */
function jsonKind(text: string, whole: boolean): "JSON lines" | "JSON object" {
  const line = firstLine(text), ends = text.length > line.length || whole;
  if (!ends) return "JSON object";
  try {
    const value: unknown = JSON.parse(line), alone = text.slice(line.length).trim() === "" && whole;
    const nested = isObject(value) && Object.values(value).length > 0 && Object.values(value).every(isObject);
    return alone && nested ? "JSON object" : "JSON lines";
  } catch {
    // A first line that looks like a whole object is a broken row, and is told as such.
    return /^\{.*\}\s*$/.test(line) || /^\{\s*"[^"]*"\s*:\s*"/.test(line) ? "JSON lines" : "JSON object";
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0].trimEnd();
}

/** The sign that separates the columns of a header: the most frequent outside quotes. */
function separatorOf(header: string): "," | "\t" | ";" | undefined {
  const bare = header.replaceAll(/"[^"]*"/g, "");
  const counts = ([",", "\t", ";"] as const).map((sign) => [sign, bare.split(sign).length - 1] as const);
  const [sign, count] = counts.reduce((best, one) => one[1] > best[1] ? one : best);
  return count > 0 ? sign : undefined;
}

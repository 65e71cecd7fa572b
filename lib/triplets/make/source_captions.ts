/** The captions that triplets are made from, each with where it stands in its file. */
import { isObject } from "../../io/json_values.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { filePath, type Path } from "../../io/path.ts";
import { type ByteSource, openBytes } from "../read/byte_source.ts";
import { utf8Decoder } from "../read/utf8.ts";

/** A caption of a file. */
export interface SourceCaption {
  /** The caption as it stands there, without space at its ends. */
  text: string;
  /** Where it stands: its own `id` if it has one, else its line (of a text file) or its index (of a JSON list). */
  at: CaptionPlace;
  /** The image that it describes, where the file says so (`image_id`). */
  image?: string | number;
}

/** The place of a caption in its file. */
export type CaptionPlace = { id: string | number } | { line: number } | { index: number };

/** Longest caption, letters: the tagger's time grows with the square of a word's length, and CLIP reads 77 tokens. */
const longestCaption = 10_000;

/** Longest line, letters: a row of JSON may hold more than a caption. */
const longestLine = 10_000_000;

/**
 * Reads captions: one a line (empty lines are skipped), or JSON lines with a field `caption`, both in bounded memory;
 * or COCO's JSON (`{"annotations": [{"caption": ...}]}`), or a JSON list of texts or of objects with `caption`. Objects
 * may have an `id` and an `image_id`. Each of them may be packed by gzip.
 *
 * @param onCaption called with each caption in turn; those without letters are left out
 * @param onProgress called with the bytes of the file that were read, and with its size
 * @throws {Error} if there is no such file, it is a web page, JSON of another form or not UTF-8, has no caption in it,
 *   or one of more than 10,000 letters
 */
export async function readSourceCaptions(
  path: Path,
  onCaption: (caption: SourceCaption) => void,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const file = filePath(path);
  let count = 0;
  const take = (text: string, at: CaptionPlace, image?: string | number) => {
    const trimmed = text.trim();
    if (trimmed === "") return;
    if (trimmed.length > longestCaption) {
      throw new Error(
        `Reading captions failed: a caption of ${file} has ${trimmed.length} letters, the most are ${longestCaption}; ` +
          "write one a line.",
      );
    }
    count++;
    onCaption({ text: trimmed, at, ...(image === undefined ? {} : { image }) });
  };
  const source = await openBytes(file, "Reading captions", onProgress);
  try {
    if (isWholeJson(source)) await readWhole(source, take);
    else await readByLine(source, take);
  } finally {
    await source.close();
  }
  if (count === 0) throw new Error(`Reading captions failed: ${file} holds none; write one a line.`);
}

type Take = (text: string, at: CaptionPlace, image?: string | number) => void;

/** Whether a file is one JSON value: JSON lines begin with a whole object that has no list of annotations. */
function isWholeJson({ head: bytes, whole, file }: ByteSource): boolean {
  const head = new TextDecoder().decode(bytes, { stream: true }).trimStart(), [first, ...others] = head.split("\n");
  if (/^<(!doctype|html)\b/i.test(head)) {
    throw new Error(
      `Reading captions failed: ${file} is a web page, such as a login or a warning that was saved in place of the ` +
        "file; fetch it again.",
    );
  }
  if (head.startsWith("[")) return !/^\[\s*\p{L}/u.test(head);
  if (!head.startsWith("{")) return false;
  return !whole && others.length === 0 || !first.trimEnd().endsWith("}") || /"annotations"\s*:/.test(first);
}

/** Yields the text of a file part by part. */
async function* textOf(source: ByteSource): AsyncGenerator<string> {
  const decode = utf8Decoder((what) => {
    throw new Error(`Reading captions failed: ${source.file} ${what}.`);
  });
  for await (const chunk of source.chunks()) yield decode(chunk);
  yield decode(undefined);
}

async function readByLine(source: ByteSource, take: Take): Promise<void> {
  let line = 0, rest = "", json: boolean | undefined;
  const takeLine = (text: string) => {
    line++;
    if (text.trim() === "") return;
    json ??= text.trimStart().startsWith("{");
    if (json) takeRow(parse(text, source.file), { line }, source.file, take);
    else take(text, { line });
  };
  for await (const part of textOf(source)) {
    // Lines end as on Linux, on Windows, or as on an old Macintosh. A "\r" at the end may have its "\n" in the next part.
    const text = rest + part, whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    rest = lines.pop()! + text.slice(whole.length);
    // A file without line ends must not fill the memory: the line is refused as too long a caption.
    if (rest.length > longestLine) lines.push(rest);
    lines.forEach(takeLine);
  }
  takeLine(rest);
}

async function readWhole(source: ByteSource, take: Take): Promise<void> {
  const parts: string[] = [], { file } = source;
  for await (const part of textOf(source)) parts.push(part);
  const json = parse(parts.join(""), file);
  const rows = Array.isArray(json) ? json : isObject(json) ? json.annotations : undefined;
  if (!Array.isArray(rows)) return refuse(file);
  for (const [index, row] of rows.entries()) {
    if (typeof row === "string") take(row, { index });
    else takeRow(row, { index }, file, take);
  }
}

function takeRow(row: unknown, place: CaptionPlace, file: string, take: Take): void {
  if (!isObject(row) || typeof row.caption !== "string") return refuse(file);
  const { id, image_id: image } = row;
  take(row.caption, isName(id) ? { id } : place, isName(image) ? image : undefined);
}

function isName(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(file);
  }
}

function refuse(file: string): never {
  throw new Error(
    `Reading captions failed: ${file} is JSON of an unknown form; give one caption a line, a JSON list of texts, ` +
      'JSON lines with "caption", or COCO\'s {"annotations": [{"caption": ...}]}.',
  );
}

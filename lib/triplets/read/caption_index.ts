/** Captions of images by id, joined with triplets that name images. */
import { isObject } from "../../io/json_values.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { filePath, type Path } from "../../io/path.ts";
import { readText } from "../../io/read_file.ts";
import { shown } from "../../io/shown.ts";
import { openBytes } from "./byte_source.ts";
import { fileKind } from "./file_kind.ts";
import { readRows } from "./read_rows.ts";

/** The first caption of each image, by the image's id as a text. */
export interface CaptionIndex {
  /** Captions by id. */
  captions: ReadonlyMap<string, string>;
  /** Captions beyond the first of an image, which are not used. */
  further: number;
}

/**
 * Fields of an id and of its caption or captions, in the order in which they are looked for: COCO, WeiMoCIR, Shoes, and
 * plain names.
 */
const forms: [id: string, caption: string][] = [
  ["image_id", "caption"],
  ["candidate", "captions"],
  ["ImageName", "Caption"],
  ["id", "caption"],
  ["id", "captions"],
];

const action = "Reading captions";
const expected =
  'give COCO\'s {"annotations": [{"image_id", "caption"}]}, rows of "id" and "caption" (or "candidate" and ' +
  '"captions"), or an object from ids to captions';

/**
 * Reads captions of images: COCO's JSON, an object from ids to a caption or a list of them, or rows with an id and a
 * caption (JSON lines, a JSON list, CSV, TSV, Parquet). Of an image with several captions the first is taken.
 *
 * @param files read one after the other, such as COCO's `train2014` and `val2014`
 * @throws {Error} if a file is missing, damaged, of another form, or has no caption
 */
export async function readCaptionIndex(files: readonly Path[], onProgress?: OnProgress): Promise<CaptionIndex> {
  const captions = new Map<string, string>();
  let further = 0;
  for (const path of files) {
    const before = captions.size;
    for await (const { id, caption } of captionsOf(path, onProgress)) {
      if (captions.has(id)) further++;
      else captions.set(id, caption);
    }
    if (captions.size === before) {
      throw new Error(`${action} failed: ${filePath(path)} has no caption of a new image; ${expected}.`);
    }
  }
  return { captions, further };
}

async function* captionsOf(path: Path, onProgress?: OnProgress): AsyncGenerator<{ id: string; caption: string }> {
  const file = filePath(path);
  const source = await openBytes(path, action), { kind } = fileKind(source, action);
  await source.close();
  if (kind === "JSON object" && !source.gzip) {
    return yield* captionsOfObject(parsed(await readText("captions", path), file), file);
  }
  const wanted = new Set(forms.flat());
  let form: [string, string] | undefined;
  for await (const { first, rows } of readRows(path, { action, wanted, onProgress })) {
    form ??= forms.find(([id, caption]) => isObject(rows[0]) && id in rows[0] && caption in rows[0]);
    // One line that is no row is an object written without line ends.
    if (!form && rows.length === 1 && isObject(rows[0])) return yield* captionsOfObject(rows[0], file);
    if (!form) throw new Error(`${action} failed: ${file} begins with ${shown(rows[0])}; ${expected}.`);
    for (const [i, row] of rows.entries()) yield* captionsOfRow(row, form, () => `row ${first + i} of ${file}`);
  }
}

function parsed(text: string, file: string): object {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${action} failed: ${file} is not JSON; fetch or make it again.`);
  }
}

function* captionsOfObject(json: object, file: string): Generator<{ id: string; caption: string }> {
  const { annotations } = json as { annotations?: unknown };
  if (Array.isArray(annotations)) {
    const where = (i: number) => () => `annotation ${i + 1} of ${file}`;
    for (const [i, row] of annotations.entries()) yield* captionsOfRow(row, forms[0], where(i));
  } else {
    for (const [id, found] of Object.entries(json)) {
      const row = { id, caption: isObject(found) ? found.caption ?? found.captions : found };
      yield* captionsOfRow(row, ["id", "caption"], () => `${shown(id)} in ${file}`);
    }
  }
}

function* captionsOfRow(
  row: unknown,
  [idField, captionField]: [string, string],
  where: () => string,
): Generator<{ id: string; caption: string }> {
  const { [idField]: id, [captionField]: found } = Object(row);
  const list: unknown[] = Array.isArray(found) ? found : [found];
  if (!isId(id) || list.length === 0 || !list.every((caption) => typeof caption === "string")) {
    throw new Error(`${action} failed: ${where()} is ${shown(row)}, without an id and its caption; ${expected}.`);
  }
  for (const caption of list) yield { id: String(id), caption };
}

/** Whether a value can be the id of an image. */
export function isId(value: unknown): value is string | number | bigint {
  return typeof value === "string" && value !== "" || typeof value === "number" || typeof value === "bigint";
}

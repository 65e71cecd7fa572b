/** Which form the rows of a file have, and the captions that it needs. */
import { isObject } from "../../io/json_values.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import type { Path } from "../../io/path.ts";
import { shown } from "../../io/shown.ts";
import { type CaptionIndex, readCaptionIndex } from "./caption_index.ts";
import type { RowBatch } from "./row_batches.ts";
import { formOf, hasForm, type TripletForm, tripletForms, tripletKeys } from "./triplet_form.ts";

/**
 * The form of a file, decided by the first row of its first batch that has one.
 *
 * @param named the form whose columns the user names
 * @param fail throws an error that says what is wrong with the file
 */
export function formOfBatch(
  { rows }: RowBatch,
  named: TripletForm | undefined,
  fail: (what: string) => never,
): TripletForm {
  const found = named
    ? rows.some((row) => isObject(row) && hasForm(row, named)) ? named : undefined
    : rows.map(formOf).find((form) => form !== undefined);
  if (found) return found;
  const [first] = rows;
  if (!isObject(first)) {
    return fail(
      `begins with ${shown(first)}, where an object of fields is expected; write one object a line, or a list`,
    );
  }
  const names = Object.keys(first),
    has = `has rows with the fields ${names.slice(0, 12).map(shown).join(", ") || "(none)"}`;
  const missing = ({ columns }: TripletForm) =>
    tripletKeys.map((key) => columns[key].field).filter((field) => !names.includes(field)).map(shown).join(", ");
  if (named) return fail(`${has} and no ${missing(named)}; name columns that it has`);
  const list = rows.length > 1
    ? undefined
    : names.find((name) => Array.isArray(first[name]) && isObject(first[name][0]));
  if (list !== undefined) return fail(`is one object; if its ${shown(list)} holds the rows, save that list as a file`);
  const near = tripletForms.find((form) => tripletKeys.filter((key) => form.columns[key].field in first).length === 2);
  const lacks = near ? ` ("${near.name}" also has ${missing(near)})` : "";
  return fail(
    `${has}, which is no known form${lacks}; name them: --columns reference=NAME,conditioning=NAME,target=NAME`,
  );
}

/** Reads the captions that a form needs. @throws {Error} if they are missing, or given and not needed */
export async function captionsFor(
  form: TripletForm,
  files: readonly Path[],
  fail: (what: string) => never,
  onProgress?: OnProgress,
): Promise<CaptionIndex | undefined> {
  const images = tripletKeys.map((key) => form.columns[key]).filter(({ image }) => image);
  if (images.length > 0 === files.length > 0) {
    const onCaptions = (done: number, total: number, note = "") => onProgress?.(done, total, `${note} of captions`);
    return files.length > 0 ? await readCaptionIndex(files, onCaptions) : undefined;
  }
  return images.length > 0
    ? fail(
      `names images (form "${form.name}", ${images.map(({ field }) => shown(field)).join(", ")}); give the file of ` +
        'their captions as "captions"',
    )
    : fail(`holds its captions itself (form "${form.name}"); leave out the file of captions`);
}

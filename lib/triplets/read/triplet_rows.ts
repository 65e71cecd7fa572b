/** Makes triplets of rows: finds the texts, joins captions, cleans, and counts what was changed or dropped. */
import { isObject } from "../../io/json_values.ts";
import { shown } from "../../io/shown.ts";
import { cleaningRules, cleanText, type Triplet } from "../triplet.ts";
import { isId } from "./caption_index.ts";
import { type RowCount, rowCounts } from "./row_counts.ts";
import type { Row } from "./row_batches.ts";
import { formOf, hasForm, type TripletForm, tripletKeys } from "./triplet_form.ts";

/** What became of the rows of a file. */
export interface RowReport {
  /** Rows that were read. */
  rows: number;
  /** Triplets that were made of them. */
  triplets: number;
  /** Rows of which a text was changed, by rule of the cleaning. */
  changed: RowCount[];
  /** Rows that make no triplet, by reason. */
  dropped: RowCount[];
  /** Rows that were kept though something is odd about them. */
  odd: RowCount[];
}

/** A maker of triplets. */
export interface TripletMaker {
  /** Makes the triplet of a row; undefined if the row makes none, which is counted. */
  make(row: unknown, number: number): Triplet | undefined;
  /** Returns the counts so far. */
  report(): RowReport;
}

/**
 * Makes a maker of triplets for the rows of one form.
 *
 * @param captions captions of images by id, where the form names images
 * @param fail throws an error that says what is wrong with the file
 */
export function tripletMaker(
  form: TripletForm,
  captions: ReadonlyMap<string, string> | undefined,
  fail: (what: string) => never,
): TripletMaker {
  const changed = rowCounts(), dropped = rowCounts(), odd = rowCounts();
  let rows = 0, triplets = 0;

  /** The raw text of a column; undefined if the row has none, which is counted. */
  function textOf(row: Row, key: keyof Triplet, number: number): string | undefined {
    const { field, image } = form.columns[key], value = row[field];
    const drop = (reason: string, what: unknown = row) => void dropped.add(reason, number, () => shown(what), key);
    if (value === undefined || value === null) {
      if (value === undefined && !(field in row)) failIfMixed(row, number);
      // The published code reads nothing as the empty text; an empty caption, though, is nothing to learn from.
      return key === "conditioning" ? "" : drop(`no "${field}"`);
    }
    if (image) {
      const id = Array.isArray(value) ? value[0] : value;
      if (!isId(id)) return drop(`"${field}" is no id of an image`);
      return captions!.get(String(id)) ?? drop(`no caption for the image in "${field}"`, id);
    }
    return typeof value === "string" ? value : drop(`"${field}" is not a text`);
  }

  function failIfMixed(row: Row, number: number): void {
    const other = formOf(row);
    if (!other || other === form || hasForm(row, form)) return;
    fail(
      `has rows of two forms: row ${number} is of the form "${other.name}", those before it of "${form.name}"; split it`,
    );
  }

  /** Counts the rules that change a text. */
  function countRules(text: string, key: keyof Triplet, number: number): void {
    for (const { rule, apply } of cleaningRules) {
      const before = text;
      text = apply(text);
      if (text !== before) changed.add(rule, number, () => shown(before), key);
    }
  }

  return {
    make(row, number) {
      rows++;
      if (!isObject(row)) return void dropped.add("not an object of fields", number, () => shown(row));
      const raw: string[] = [], cleaned: string[] = [];
      for (const key of tripletKeys) {
        const text = textOf(row, key, number);
        if (text === undefined) return undefined;
        raw.push(text);
        cleaned.push(cleanText(text));
        if (cleaned.at(-1) === "" && key !== "conditioning") {
          const { field } = form.columns[key];
          return void dropped.add(`"${field}" is empty after cleaning`, number, () => shown(row), key);
        }
      }
      // Only now: what is changed is counted over the rows that make a triplet.
      tripletKeys.forEach((key, i) => {
        if (cleaned[i] !== raw[i]) countRules(raw[i], key, number);
      });
      const [reference, conditioning, target] = cleaned;
      if (conditioning === "") odd.add("the conditioning text is empty", number, () => shown(row), "conditioning");
      triplets++;
      return { reference, conditioning, target };
    },
    report: () => ({ rows, triplets, changed: changed.list(), dropped: dropped.list(), odd: odd.list() }),
  };
}

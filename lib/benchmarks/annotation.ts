/** Reads annotation files (JSON) and checks the types of their fields. */
import { isObject, isTexts } from "../io/json_values.ts";
import { readTextIfThere } from "../io/read_file.ts";
import { shown } from "../io/shown.ts";

/** A row of an annotation file, whose fields are checked one by one. */
export type Row = Record<string, unknown>;

/** Reads a JSON file. @param root the benchmark's folder @throws {Error} if the file is missing or not JSON */
export async function readAnnotation(root: string, path: string): Promise<unknown> {
  const file = `${root}/${path}`, text = await readTextIfThere(file);
  if (text === undefined) {
    throw new Error(`Reading ${file} failed: there is no such file; README.md says which layout is expected.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Reading ${file} failed: it is not JSON; is it whole?`);
  }
}

/**
 * Reads a JSON object.
 *
 * @param expected what the file should be, for the error message
 * @throws {Error} as {@linkcode readAnnotation}, or if it is no object
 */
export async function readObject(root: string, path: string, expected = "object"): Promise<Row> {
  const json = await readAnnotation(root, path);
  if (!isObject(json)) {
    throw new Error(`Reading ${root}/${path} failed: it is no ${expected}; is it another version?`);
  }
  return json;
}

/** Reads a JSON list of rows. @throws {Error} as {@linkcode readAnnotation}, or if it is no list of objects */
export async function readRows(root: string, path: string): Promise<Row[]> {
  const json = await readAnnotation(root, path);
  if (!Array.isArray(json) || !json.every(isObject)) {
    throw new Error(`Reading ${root}/${path} failed: it is no list of rows; is it another version?`);
  }
  return json;
}

/** Returns functions that read a field of a row and throw an error that names the file if its type is wrong. */
export function fieldsOf(path: string) {
  const wrong = (row: Row, name: string, expected: string): never => {
    throw new Error(
      `Reading ${path} failed: "${name}" is ${shown(row[name])}, expected ${expected}, in ` +
        `${shown(row)}; is it another version?`,
    );
  };
  return {
    text: (row: Row, name: string): string => typeof row[name] === "string" ? row[name] : wrong(row, name, "a text"),
    number: (row: Row, name: string): number =>
      Number.isInteger(row[name]) ? row[name] as number : wrong(row, name, "a whole number"),
    texts: (row: Row, name: string): string[] => isTexts(row[name]) ? row[name] : wrong(row, name, "a list of texts"),
    numbers: (row: Row, name: string): number[] =>
      Array.isArray(row[name]) && row[name].every(Number.isInteger) ? row[name] : wrong(row, name, "a list of numbers"),
    row: (row: Row, name: string): Row => isObject(row[name]) ? row[name] : wrong(row, name, "an object"),
    rows: (row: Row, name: string): Row[] =>
      Array.isArray(row[name]) && row[name].every(isObject) ? row[name] : wrong(row, name, "a list of objects"),
  };
}

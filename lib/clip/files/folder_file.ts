/** Text and JSON files of a model's folder, missing ones explained. */
import { readTextIfThere } from "../../io/read_file.ts";

/** A file's text. @throws {Error} if there is no such file, or it is not UTF-8 */
export async function readFolderText(file: string): Promise<string> {
  const text = await readTextIfThere(file);
  if (text === undefined) {
    throw new Error(`Reading ${file} failed: there is no such file; is this a CLIP model's folder?`);
  }
  return text;
}

/** A JSON file's value. @throws {Error} if there is no such file, or it is not JSON */
export async function readFolderJson(file: string): Promise<unknown> {
  const text = await readFolderText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Reading ${file} failed: it is not JSON; fetch or make the file again.`);
  }
}

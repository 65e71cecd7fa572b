/** Text and JSON files of a model's folder, missing ones explained. */
import { isFile } from "../../io/read_file.ts";

/** A file's text. @throws {Error} if there is no such file */
export async function readFolderText(file: string): Promise<string> {
  if (!isFile(file)) {
    throw new Error(`Reading ${file} failed: there is no such file; is this a CLIP model's folder?`);
  }
  return await Deno.readTextFile(file);
}

/** A JSON file's value. @throws {Error} if there is no such file, or it is not JSON */
export async function readFolderJson(file: string): Promise<object> {
  const text = await readFolderText(file);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Reading ${file} failed: it is not JSON; fetch or make the file again.`);
  }
}

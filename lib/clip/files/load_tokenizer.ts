/** Loads the tokenizer of a model's folder. */
import { inFolder, type Path } from "../../io/path.ts";
import { isFile } from "../../io/read_file.ts";
import type { TextConfig } from "../model/config.ts";
import { makeTokenizer, type Tokenizer } from "../model/tokenizer.ts";
import { clipTokenizerJson } from "./clip_tokenizer_json.ts";
import { readFolderJson, readFolderText } from "./folder_file.ts";

/**
 * Loads the tokenizer of a folder: `tokenizer.json`, or `vocab.json` with `merges.txt`.
 *
 * @throws {Error} if neither is there, a file is damaged, or the tokenizer does not fit the configuration
 */
export async function loadTokenizer(folder: Path, config: TextConfig): Promise<Tokenizer> {
  const single = inFolder(folder, "tokenizer.json"), vocabulary = inFolder(folder, "vocab.json");
  if (isFile(single) || !isFile(vocabulary)) return makeTokenizer(await readFolderJson(single), config, single);
  const tokens = await readFolderJson(vocabulary) as Record<string, number>;
  const merges = await readFolderText(inFolder(folder, "merges.txt"));
  return makeTokenizer(clipTokenizerJson(tokens, merges, vocabulary), config, vocabulary);
}

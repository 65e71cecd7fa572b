/** Counts tokens with the tokenizer of a CLIP's folder; its weights are not read. */
import { basename } from "node:path";
import { readFolderJson } from "../lib/clip/files/folder_file.ts";
import { loadTokenizer } from "../lib/clip/files/load_tokenizer.ts";
import { parseClipConfig } from "../lib/clip/model/config.ts";
import { inFolder } from "../lib/io/path.ts";
import type { TokenCounter } from "../lib/triplets/quality/token_count.ts";

/**
 * Makes a counter of a CLIP's tokens.
 *
 * @param folder a Hugging Face folder
 * @throws {Error} if its configuration or tokenizer is missing or damaged
 */
export async function clipTokenCounter(folder: string): Promise<TokenCounter> {
  const file = inFolder(folder, "config.json"), config = parseClipConfig(await readFolderJson(file), file);
  // The tokenizer cuts at the context, which is what is to be found out.
  const uncut = { ...config.text, context: Number.MAX_SAFE_INTEGER };
  const tokenizer = await loadTokenizer(folder, uncut);
  return {
    name: `tokens of ${basename(folder)}`,
    atLeast: false,
    context: config.text.context,
    count: (text) => tokenizer.encode([text]).length,
  };
}

/** The vocabulary of each tower that is measured, and words that are one token each. */
import { gunzipSync } from "node:zlib";
import { clipTokenizerJson } from "../lib/clip/files/clip_tokenizer_json.ts";
import { embeddedModelFolder } from "../lib/emoji/model/embedded_model.ts";
import { embeddedTokenizerJson } from "../lib/embedded/tokenizer.ts";
import { makeTokenizer } from "../lib/clip/model/tokenizer.ts";
import { type TowerName, towers } from "./towers.ts";

/** Words of the tiny tower's vocabulary besides those of the prompts. */
const tinyWords = Array.from({ length: towers.tiny.vocabulary - 8 }, (_, i) => `w${i}`);

/** CLIP's own `tokenizer.json`, from the merges that it was released with (MIT, openai/CLIP). */
export function clipVocabulary(): object {
  const file = new URL("../tests/goldens/slices/clip-bpe-MIT/merges.txt.gz", import.meta.url);
  const merges = new TextDecoder().decode(gunzipSync(Deno.readFileSync(file))).split("\n").slice(1, 48895);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const printable = [...range(33, 127), ...range(161, 173), ...range(174, 256)];
  // Bytes that print nothing have stand-ins from 256 on.
  const letters = [...printable, ...range(256, 512 - printable.length)].map((code) => String.fromCharCode(code));
  const parts = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...merges.map((pair) => pair.replace(" ", "")),
  ];
  const tokens = [...parts, "<|startoftext|>", "<|endoftext|>"];
  return clipTokenizerJson(Object.fromEntries(tokens.map((token, id) => [token, id])), merges.join("\n"), "merges.txt");
}

/** The `tokenizer.json` of a tower. */
export async function vocabularyOf(tower: TowerName): Promise<object> {
  if (tower === "tiny") return embeddedTokenizerJson(["a", "photo", "of", "that", ...tinyWords]);
  if (tower !== "embedded") return clipVocabulary();
  return JSON.parse(await Deno.readTextFile(new URL("tokenizer.json", embeddedModelFolder())));
}

/** Words of a tower's vocabulary that are one token each, wherever they stand. */
export function wordsOf(tower: TowerName, vocabulary: object): string[] {
  if (tower === "tiny") return tinyWords;
  const { model } = vocabulary as { model: { vocab: Record<string, number> } };
  const tokenizer = makeTokenizer(vocabulary, towers[tower], "the vocabulary");
  // A few thousand are enough: each is tried.
  return Object.keys(model.vocab).filter((token) => /^[a-z]{3,}(<\/w>)?$/.test(token)).slice(-4000)
    .map((token) => token.replace("</w>", "")).filter((word) => tokenizer.encode([word]).length === 3);
}

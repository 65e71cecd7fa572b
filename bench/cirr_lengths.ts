/**
 * Token counts of CIRR's validation triplets in CLIP's vocabulary. Written anew by
 * `deno run --allow-read --allow-write bench/cirr_lengths.ts ../shared/data`.
 */
import { makeTokenizer } from "../lib/clip/model/tokenizer.ts";
import { composedPrompt } from "../lib/projection/prompts.ts";
import { cleanText } from "../lib/triplets/triplet.ts";
import { towers } from "./towers.ts";
import { clipVocabulary } from "./vocabularies.ts";

/** How often texts of each length occur. */
export interface LengthCounts {
  /** Where the texts come from. */
  source: string;
  /** Number of triplets. */
  triplets: number;
  /** Of "a photo of [$] that {conditioning}", start and end included: "9:1 10:7" is one text of 9 tokens, 7 of 10. */
  composed: string;
  /** Of the reference captions. */
  reference: string;
  /** Of the target captions. */
  target: string;
}

/** Counts the tokens of the annotation in `data`, which has the folder `cirr-captions-WeiMoCIR-MIT`. */
export function countCirrLengths(data: URL): LengthCounts {
  const tokenizer = makeTokenizer(clipVocabulary(), towers["ViT-B/32"], "the vocabulary");
  const file = new URL("cirr-captions-WeiMoCIR-MIT/cirr_val_text_triplets.jsonl", data);
  const rows = Deno.readTextFileSync(file).trim().split("\n").map((line) => JSON.parse(line));
  const counted = (texts: string[]) => {
    const counts = new Map<number, number>();
    for (const text of texts) {
      const { length } = tokenizer.encode([text]);
      counts.set(length, (counts.get(length) ?? 0) + 1);
    }
    return [...counts].sort(([a], [b]) => a - b).map((pair) => pair.join(":")).join(" ");
  };
  return {
    source: "CIRR val (MIT): conditioning texts of CIRR, captions of WeiMoCIR (MIT), cleaned, in CLIP's tokens",
    triplets: rows.length,
    composed: counted(rows.map(({ conditioning }) => composedPrompt(cleanText(conditioning)))),
    reference: counted(rows.map(({ reference_caption }) => cleanText(reference_caption))),
    target: counted(rows.map(({ target_caption }) => cleanText(target_caption))),
  };
}

if (import.meta.main) {
  const data = new URL(`${Deno.args[0]}/`, `file://${Deno.cwd()}/`);
  const text = JSON.stringify(countCirrLengths(data), null, 2);
  await Deno.writeTextFile(new URL("cirr_lengths.json", import.meta.url), `${text}\n`);
}

/** What was found out about triplets, in words. */
import { table } from "../lib/report/table.ts";
import type { TripletQuality } from "../lib/triplets/quality/inspect.ts";
import type { WordRecall } from "../lib/triplets/quality/word_retrieval.ts";
import { whole } from "./triplets_reading_text.ts";

const keys = ["reference", "conditioning", "target"] as const;

/** Writes what {@linkcode inspectTriplets} found as paragraphs. */
export function qualityText(quality: TripletQuality): string {
  const parts = [lengthText, cutText, differentText, openingText, changeText, retrievalText];
  return parts.map((part) => part(quality)).filter((text) => text !== "").join("\n\n");
}

function lengthText({ tokens, lengths }: TripletQuality): string {
  const rows = keys.map((key) => {
    const { least, median, p90, p99, most } = lengths[key];
    return [key, ...[least, median, p90, p99, most].map(whole)];
  });
  return `Lengths in ${tokens.name}, start and end included:\n` +
    table(["", "least", "median", "90 %", "99 %", "most"], rows).text();
}

function cutText({ tokens, cut }: TripletQuality): string {
  const lines = keys.flatMap((key) => {
    const { texts, example } = cut[key];
    if (!example) return [];
    const least = tokens.atLeast ? "at least " : "";
    return [
      `  ${whole(texts)} ${
        texts === 1 ? "text" : "texts"
      }, ${key} (row ${example.row}, ${least}${example.tokens} tokens: ` +
      `${example.text})`,
    ];
  });
  if (lines.length === 0) return "";
  return `Longer than the ${tokens.context} tokens that the model reads; training cuts them` +
    ` (a conditioning text stands behind "a photo of [$] that", 5 tokens):\n${lines.join("\n")}`;
}

function differentText({ different, triplets }: TripletQuality): string {
  const { triplet: { counted, distinct } } = different;
  const among = (count: number) => count < triplets ? `first ${whole(count)}` : "all";
  const rows = keys.map((key) => {
    const { counted, distinct } = different[key];
    return [key, whole(distinct), percent(distinct, counted), among(counted)];
  });
  return `Triplets that equal an earlier one: ${whole(counted - distinct)} of ${among(counted)}. Different texts:\n` +
    table(["", "different", "share", "of"], rows).text();
}

function openingText({ openings: { openings, others, distinct }, triplets }: TripletQuality): string {
  const rows = openings.map(({ text, count }) => [text, whole(count), percent(count, triplets)]);
  const rest = others > 0 ? `; ${whole(others)} texts begin otherwise than the first ${whole(distinct)} openings` : "";
  return `The most frequent of ${whole(distinct)} openings of conditioning texts${rest}:\n` +
    table(["opening", "texts", "share"], rows).text();
}

function changeText({ change, triplets }: TripletQuality): string {
  const silent = triplets - change["names some"];
  const line = (count: number, text: string) => `  ${whole(count)} (${percent(count, triplets)}): ${text}`;
  return [
    "Conditioning texts that say no word which the target has and the reference lacks: " +
    `${whole(silent)} (${percent(silent, triplets)})`,
    line(change["names none"], "the target has new words, and the conditioning text none of them"),
    line(change["target adds no word"], "the target has no new word, as where something is removed"),
    line(change["nothing changes"], "reference and target are the same text"),
  ].join("\n");
}

function retrievalText({ retrieval, triplets, seed }: TripletQuality): string {
  const { queries, gallery, conditioning, reference, both, chance } = retrieval;
  const row = (name: string, { r1, r10 }: WordRecall) => [name, r1.toFixed(2), r10.toFixed(2)];
  const sample = queries < triplets ? ` (a sample, seed ${seed})` : "";
  return `Target captions found by words alone (TF-IDF), ${whole(queries)} queries${sample} among ${whole(gallery)} ` +
    `different targets:\n${
      table(["query", "R@1", "R@10"], [
        row("conditioning text only", conditioning),
        row("reference only", reference),
        row("both", both),
        row("chance", chance),
      ]).text()
    }`;
}

function percent(count: number, total: number): string {
  return `${(100 * count / Math.max(1, total)).toFixed(1)} %`;
}

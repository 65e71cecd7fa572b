/**
 * Captions for pretraining the embedded CLIPs: they describe an image and never contain an instruction to change it.
 */
import { placeholder } from "../../clip/model/tokenizer.ts";
import type { Random } from "../../tensors/random.ts";
import type { Emoji } from "./catalogue.ts";
import { plainText } from "./labels.ts";
import { functionWords } from "./wording.ts";

const prefixes = ["a photo of", "a picture of", "an emoji of", "a drawing of", "an image of"];

/**
 * Draws a caption of an emoji: the label alone, with its attributes moved, with a search word, or with a prefix. One in
 * five gets one to three stray function words, so that the embeddings of these words are trained before RTD uses them.
 */
export function drawCaption(emoji: Emoji, rng: Random): string {
  const kind = rng.uniform();
  let caption = emoji.caption;
  if (kind < 0.2) caption = withAttributesMoved(emoji, rng);
  else if (kind < 0.4 && emoji.tags.length > 0) caption = `${caption} ${emoji.tags[rng.int(emoji.tags.length)]}`;
  else if (kind < 0.65) caption = `${prefixes[rng.int(prefixes.length)]} ${caption}`;
  if (rng.uniform() >= 0.2) return caption;
  const words = caption.split(" ");
  for (let left = 1 + rng.int(3); left > 0; left--) {
    words.splice(rng.int(words.length + 1), 0, functionWords[rng.int(functionWords.length)]);
  }
  return words.join(" ");
}

/**
 * Moves attributes: "woman running dark skin tone" to "dark skin tone woman running" or "woman running with dark skin
 * tone".
 */
function withAttributesMoved(emoji: Emoji, rng: Random): string {
  const colon = [emoji.values.tone, emoji.values.hair, emoji.values.direction].filter((value) => value !== undefined);
  if (colon.length === 0) return emoji.caption;
  const moved = rng.shuffle(colon).map(plainText).join(" ");
  // The rest of the caption, without the words of the attributes.
  const movedWords = new Set(moved.split(" "));
  const head = emoji.caption.split(" ").filter((word) => !movedWords.has(word)).join(" ");
  return rng.int(2) === 0 ? `${moved} ${head}` : `${head} with ${moved}`;
}

/** Lists every word that a caption or a conditioning text of the embedded benchmark can contain, sorted. */
export function captionWords(emoji: readonly Emoji[]): string[] {
  const texts = emoji.flatMap(({ caption, tags, family }) => [caption, ...tags, plainText(family)]);
  return [...new Set([...texts, ...prefixes, ...functionWords, "with"].flatMap((text) => text.split(" ")))]
    .filter((word) => word !== "").sort();
}

/** Replaces each run of content words of a caption by one `[$]`, as LinCIR's self-masking does with keywords. */
export function maskKeywords(caption: string): string {
  const masked: string[] = [];
  for (const word of caption.split(" ")) {
    if (functions.has(word)) masked.push(word);
    else if (masked.at(-1) !== placeholder) masked.push(placeholder);
  }
  return masked.join(" ");
}

const functions = new Set([...functionWords, ...prefixes.flatMap((prefix) => prefix.split(" ")), "with"]);

/**
 * Repairs texts as OpenAI's tokenizer does before it reads them (openai/CLIP, commit d05afc4: `ftfy.fix_text`, then HTML's
 * references twice): curly quotes, ligatures, letters of full width, references such as `&amp;`.
 *
 * Of ftfy (6.3.1) all is here but the repair of texts that were decoded by a wrong encoding ("schÃ¶n"), which guesses.
 * The references are decoded by `entities`.
 */
import { decodeHTML } from "npm:entities@9.0.0";

/** What no repair concerns: printable ASCII without "&", by far the most texts. */
const plain = /^[\x20-\x25\x27-\x7e]*$/;

/** Ligatures with their letters; Unicode's compatibility forms of the last two go further. */
const ligatures = new Map([..."ĲĳǱǲǳǄǅǆǇǈǉǊǋǌﬀﬁﬂﬃﬄﬆ"].map((ligature) => [ligature, ligature.normalize("NFKC")]))
  .set("ŉ", "ʼn").set("ﬅ", "ſt");

/** A reference to a character, with its semicolon. */
const reference = /&#?[0-9A-Za-z]{1,24};/g;

/** The steps of one round, in their order. */
const steps: readonly ((text: string) => string)[] = [
  // With a "<" it may be a page's source, in which references are meant.
  (text) => text.includes("<") ? text : text.replace(reference, decodeReference),
  // deno-lint-ignore no-control-regex
  (text) => text.replace(/\x1b\[[\d;]*[a-zA-Z]/g, ""),
  (text) => text.replace(/[\x80-\x9f]/g, (control) => windows1252.decode(Uint8Array.of(control.charCodeAt(0)))),
  (text) => text.replace(/[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g, (one) => ligatures.get(one)!),
  (text) => text.replace(/[\uff01-\uffef]/g, (wide) => wide.normalize("NFKC")).replaceAll("\u3000", " "),
  (text) => text.replace(/[\u201c-\u201f]/g, '"').replace(/[\u02bc\u2018-\u201b]/g, "'"),
  (text) => text.replace(/\r\n|[\r\u2028\u2029\x85]/g, "\n"),
  // deno-lint-ignore no-control-regex
  (text) => text.replace(/[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, ""),
  (text) => text.normalize("NFC"),
];

const windows1252 = new TextDecoder("windows-1252");

/** Decodes a reference; a name all in capitals, such as `&EACUTE;`, as the one of the capital letter. */
function decodeReference(whole: string): string {
  const decoded = decodeHTML(whole);
  if (decoded !== whole || whole !== whole.toUpperCase()) return decoded;
  const small = decodeHTML(whole.toLowerCase()), capital = small.toUpperCase();
  // Only what ends in one letter or sign: a longer result is another name, with text left of it.
  return small.endsWith(";") || capital.length !== 1 ? whole : capital;
}

/**
 * Repairs a text: rounds of all steps until none changes it, then HTML's references twice, those without semicolon too.
 *
 * @example
 * ```ts
 * import { repairText } from "@rtd/toolkit/clip";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(repairText("the \u2018dog\u2019 &amp; the cat"), "the 'dog' & the cat");
 * ```
 */
export function repairText(text: string): string {
  if (plain.test(text)) return text;
  let repaired = text, before: string;
  do {
    before = repaired;
    for (const step of steps) repaired = step(repaired);
  } while (repaired !== before);
  return decodeHTML(decodeHTML(repaired));
}

/** Articles and number of English nouns. */
import indefinite from "npm:indefinite@2.5.2";
import pluralize from "npm:pluralize@8.0.0";

/** What is known already: the rules of the package take far longer than a look. */
const numbers = new Map<string, "singular" | "plural" | undefined>(), singulars = new Map<string, string>();

/** Whether a noun, or the last word of several, is singular or plural; undefined if it can be both, as "sheep". */
export function numberOf(noun: string): "singular" | "plural" | undefined {
  const last = noun.slice(noun.lastIndexOf(" ") + 1);
  if (!numbers.has(last)) {
    const plural = pluralize.isPlural(last);
    numbers.set(last, plural === pluralize.isSingular(last) ? undefined : plural ? "plural" : "singular");
  }
  return numbers.get(last);
}

/** The singular of a noun, by which words that mean the same thing are told. */
export function singularOf(noun: string): string {
  const known = singulars.get(noun) ?? pluralize.singular(noun);
  singulars.set(noun, known);
  return known;
}

/** The indefinite article that fits a word: "an" for "orange", "a" for "unicorn". */
export function articleOf(word: string): "a" | "an" {
  return indefinite(word, { articleOnly: true }) === "an" ? "an" : "a";
}

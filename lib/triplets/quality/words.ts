/** Words of a text, as the measures of triplets count them. */

/**
 * Words that say nothing about an image by themselves: articles, pronouns, forms of "be", "do" and "have", conjunctions
 * and the most general prepositions.
 */
const emptyWords = new Set(
  ("a an the this that these those it its he she they them his her their there here ones some any each other same " +
    "is are was were be been being am do does did has have had will would can could should may might must " +
    "and or but if than then as so such of to for with by from at in on into about " +
    "i you we my your our me us who which what not no").split(" "),
);

/**
 * Returns the words of a cleaned text, in order: runs of letters and digits, an apostrophe's end (`'s`, `'t`) left out,
 * and an `s` at the end of a word of four letters or more taken off, unless another `s`, a `u` or an `i` stands before
 * it: "dogs" and "dog" are one word, "glass", "bus" and "tennis" keep theirs.
 */
export function wordsOf(text: string): string[] {
  const found = text.match(/[\p{L}\p{N}]+(?:['\u2019]\p{L}+)?/gu) ?? [];
  return found.map((word) => {
    const apostrophe = word.search(/['\u2019]/);
    const plain = apostrophe < 0 ? word : word.slice(0, apostrophe);
    return plain.length > 3 && /[^sui]s$/.test(plain) ? plain.slice(0, -1) : plain;
  });
}

/** Returns the words that say something about an image, each once. */
export function contentWords(text: string): Set<string> {
  return new Set(wordsOf(text).filter((word) => !emptyWords.has(word)));
}

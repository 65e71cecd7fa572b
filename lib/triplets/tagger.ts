/**
 * Parts of speech of English words, for the keywords that LinCIR masks and those that made triplets swap.
 *
 * They come from `wink-nlp` with its English model, which uses the same universal tags as spaCy.
 */

/** A word of a caption with its part of speech. */
export interface TaggedWord {
  /** Index of its first character in the caption. */
  start: number;
  /** Index behind its last character. */
  end: number;
  /** Universal part of speech, such as "NOUN". */
  tag: string;
  /** The word's base form in lower case, such as "ride" of "riding". */
  lemma: string;
}

/** A part-of-speech tagger: splits a caption into words and finds their parts of speech. */
export type TagWords = (caption: string) => TaggedWord[];

/** The tagger of this process: wink-nlp keeps what it compiles, and the twentieth instance ends the process. */
let tagger: Promise<TagWords> | undefined;

/** Loads the part-of-speech tagger for English with its model of 4 MB, once a process. */
export function loadTagger(): Promise<TagWords> {
  return tagger ??= makeTagger().catch((error) => {
    tagger = undefined;
    throw error;
  });
}

async function makeTagger(): Promise<TagWords> {
  const [{ default: winkNLP }, { default: model }] = await Promise.all([
    import("npm:wink-nlp@2.4.0"),
    import("npm:wink-eng-lite-web-model@1.8.1"),
  ]);
  const nlp = winkNLP(model, ["sbd", "pos"]);
  return (caption) => {
    const tokens = nlp.readDoc(caption).tokens();
    const words = tokens.out(nlp.its.value) as string[], tags = tokens.out(nlp.its.pos) as string[];
    const lemmas = tokens.out(nlp.its.lemma as unknown as typeof nlp.its.value) as string[];
    let at = 0;
    return words.map((word, i) => {
      const start = caption.indexOf(word, at);
      at = start + word.length;
      return { start, end: at, tag: tags[i], lemma: lemmas[i].toLowerCase() };
    });
  };
}

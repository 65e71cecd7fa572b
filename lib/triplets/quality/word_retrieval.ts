/**
 * How far words alone find the target captions: with the conditioning text, with the reference caption, with both.
 *
 * A triplet of a good file needs both: its target should be found neither by the conditioning text alone, which then
 * describes the target and changes nothing, nor by the reference alone, which then equals the target.
 */
import type { Triplet } from "../triplet.ts";
import { wordsOf } from "./words.ts";

/** Recall in percent. */
export interface WordRecall {
  /** Queries whose target is first. */
  r1: number;
  /** Queries whose target is among the first ten. */
  r10: number;
}

/** What three retrievers find. */
export interface WordRetrieval {
  /** Queries: the triplets of the sample. */
  queries: number;
  /** Captions to rank: the different targets of the sample. */
  gallery: number;
  /** With the conditioning text alone. */
  conditioning: WordRecall;
  /** With the reference caption alone. */
  reference: WordRecall;
  /** With reference caption and conditioning text behind each other. */
  both: WordRecall;
  /** What a random order would find. */
  chance: WordRecall;
}

/** Words by weight; the weights' squares sum up to 1, or there are none. */
type Vector = Map<string, number>;

/** Captions that hold a word, with its weight there. */
type Postings = Map<string, { captions: number[]; weights: number[] }>;

/**
 * Ranks the different target captions of some triplets for each of them, by the cosine of TF-IDF vectors. A word's
 * weight is its count in the text times `ln((1 + G) / (1 + g)) + 1`, where `g` of the `G` captions hold it; words that
 * no caption holds count in a query's norm with `g` = 0. A query's own reference caption is not ranked, unless it is the
 * target's too, as CIRR leaves out the reference image. Captions at equal similarity are ranked in random order: what
 * is returned is the expected recall, so that nothing is drawn.
 *
 * @param triplets cleaned ones
 * @throws {Error} if there are none
 */
export function wordRetrieval(triplets: readonly Triplet[]): WordRetrieval {
  if (triplets.length === 0) throw new Error("Retrieving by words failed: there are no triplets; read some first.");
  const captions = [...new Set(triplets.map(({ target }) => target))];
  const indexOf = new Map(captions.map((caption, i) => [caption, i]));
  const counts = captions.map(countWords), holding = new Map<string, number>();
  for (const words of counts) for (const word of words.keys()) holding.set(word, (holding.get(word) ?? 0) + 1);
  const idf = (word: string) => Math.log((1 + captions.length) / (1 + (holding.get(word) ?? 0))) + 1;
  const postings: Postings = new Map();
  counts.forEach((words, i) => {
    for (const [word, weight] of vector(words, idf)) {
      const list = postings.getOrInsertComputed(word, () => ({ captions: [], weights: [] }));
      list.captions.push(i);
      list.weights.push(weight);
    }
  });
  const recall = (query: (triplet: Triplet) => string): WordRecall => {
    let r1 = 0, r10 = 0;
    const similarity = new Float64Array(captions.length);
    for (const triplet of triplets) {
      const target = indexOf.get(triplet.target)!, reference = indexOf.get(triplet.reference);
      addSimilarity(vector(countWords(query(triplet)), idf), postings, similarity.fill(0));
      if (reference !== undefined && reference !== target) similarity[reference] = -1;
      const { better, equal } = rank(similarity, target);
      r1 += share(1, better, equal);
      r10 += share(10, better, equal);
    }
    return { r1: 100 * r1 / triplets.length, r10: 100 * r10 / triplets.length };
  };
  return {
    queries: triplets.length,
    gallery: captions.length,
    conditioning: recall(({ conditioning }) => conditioning),
    reference: recall(({ reference }) => reference),
    both: recall(({ reference, conditioning }) => `${reference} ${conditioning}`),
    chance: { r1: 100 / captions.length, r10: 100 * Math.min(1, 10 / captions.length) },
  };
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function vector(counts: Map<string, number>, idf: (word: string) => number): Vector {
  const weights = new Map([...counts].map(([word, count]) => [word, count * idf(word)]));
  const norm = Math.hypot(...weights.values());
  return new Map([...weights].map(([word, weight]) => [word, weight / norm]));
}

/** Adds the cosines of a query with all captions; every vector has length 1. */
function addSimilarity(query: Vector, postings: Postings, similarity: Float64Array): void {
  for (const [word, weight] of query) {
    const list = postings.get(word);
    for (let i = 0; list && i < list.captions.length; i++) similarity[list.captions[i]] += weight * list.weights[i];
  }
}

/** Counts the captions that are nearer than the target, and those as near, the target among them. */
function rank(similarity: Float64Array, target: number): { better: number; equal: number } {
  // Sums of the same products in another order differ in their last digits.
  const near = similarity[target], slack = 1e-12;
  let better = 0, equal = 0;
  for (const value of similarity) {
    if (value > near + slack) better++;
    else if (value >= near - slack) equal++;
  }
  return { better, equal };
}

/** How probable it is that the target is among the first k, behind `better` captions and at random among `equal`. */
function share(k: number, better: number, equal: number): number {
  return Math.min(1, Math.max(0, (k - better) / equal));
}

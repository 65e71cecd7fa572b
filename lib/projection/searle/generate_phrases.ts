/** Generates concept phrases for SEARLE with a language model, concept by concept, into a file. */
import { writeAtomically } from "../../io/atomic_write.ts";
import { lockFile } from "../../io/file_lock.ts";
import type { OnProgress } from "../../io/on_progress.ts";
import { filePath, type Path } from "../../io/path.ts";
import { readTextIfThere } from "../../io/read_file.ts";
import { chat, type ChatEndpoint, type ChatOptions } from "../../llm/chat.ts";
import { inParallel } from "../../llm/in_parallel.ts";
import { addUsage, type ChatUsage, estimatedTokens, noUsage } from "../../llm/usage.ts";
import { cleanText } from "../../triplets/triplet.ts";
import { maskConcept, parsePhrases, type Phrases } from "./phrases.ts";

/** Options of {@linkcode generatePhrases}. */
export interface PhraseOptions extends ChatOptions {
  /** Number of phrases for each concept; SEARLE used up to 256. */
  each: number;
  /** Requests for a concept before it counts as failed; 3 by default. */
  attempts?: number;
  /** Requests in flight at once; 4 by default. */
  parallel?: number;
  /** Called with a sentence that names the concepts of the file that were dropped; `console.warn` by default. */
  warn?: (message: string) => void;
  /** Called after every concept, with the number done in this run and the number that were to be done. */
  onProgress?: OnProgress;
}

/** Summary of a run of {@linkcode generatePhrases}. */
export interface PhraseReport extends ChatUsage {
  /** Concepts with all their phrases, those found in the file included. */
  complete: number;
  /** Concepts for which the model returned too few usable phrases. */
  failed: string[];
}

/** Returns the prompt for one concept. */
export function phrasePrompt(concept: string, each: number): string {
  return `Write ${each} different short captions of photographs. Each caption must contain the exact words ` +
    `"${concept}" and say something about them: a place, an action, a colour, a companion. ` +
    `One caption a line, in lower case, without numbers, quotation marks or comments.`;
}

/**
 * Estimates the numbers of tokens that a run will need, at four letters a token.
 * @param each phrases for each concept
 */
export function estimateTokens(concepts: readonly string[], each: number): { prompt: number; reply: number } {
  const prompt = concepts.reduce((sum, concept) => sum + phrasePrompt(concept, each).length, 0);
  const reply = concepts.reduce((sum, concept) => sum + each * (concept.length + 45), 0);
  return { prompt: estimatedTokens(prompt), reply: estimatedTokens(reply) };
}

/**
 * Cleans the lines of a list of concepts by `cleanText`. Lines that mean the same concept, such as "Dog" and "dog",
 * become one; blank lines are left out.
 *
 * @throws {Error} if cleaning leaves nothing of a line, such as "$"
 */
export function cleanConcepts(lines: readonly string[]): string[] {
  const concepts = new Set<string>();
  for (const [i, line] of lines.entries()) {
    const concept = cleanText(line);
    if (concept !== "") concepts.add(concept);
    else if (line.trim() !== "") {
      throw new Error(
        `Asking for phrases failed: cleaning leaves nothing of line ${i + 1} of the concepts, ` +
          `${JSON.stringify(line.trim())}; change that line, or drop it.`,
      );
    }
  }
  return [...concepts];
}

/** Returns the concepts that have fewer than `each` phrases. @throws {Error} as {@linkcode cleanConcepts} */
export function missingConcepts(concepts: readonly string[], known: Phrases, each: number): string[] {
  return cleanConcepts(concepts).filter((concept) => (known.get(concept)?.length ?? 0) < each);
}

/**
 * Generates phrases with a language model until every concept has `each` of them, and writes the file after every
 * concept.
 *
 * Lines of a reply that do not contain the concept are dropped. Phrases that are already in the file are kept.
 *
 * @param concepts one a line of the list, as {@linkcode cleanConcepts} takes them
 * @param path the file, as `readPhrases` reads it; made if it is missing
 * @throws {Error} if `each`, `attempts` or `parallel` is below 1, or cleaning leaves nothing of a concept, before
 *   anything is asked; if the endpoint cannot be reached, finished concepts are in the file
 */
export async function generatePhrases(
  concepts: readonly string[],
  path: Path,
  endpoint: ChatEndpoint,
  options: PhraseOptions,
): Promise<PhraseReport> {
  const { each, attempts = 3, parallel = 4, warn, onProgress = () => {} } = options;
  for (const [name, value] of Object.entries({ each, attempts, parallel })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new Error(`Generating phrases failed: ${name} is ${value}, expected a whole number of at least 1.`);
    }
  }
  const file = filePath(path);
  using _lock = await lockFile(file, "Generating phrases");
  const known = new Map(await phrasesIfThere(file, warn));
  const wanted = missingConcepts(concepts, known, each);
  const total = cleanConcepts(concepts).length;
  const report: PhraseReport = { complete: total - wanted.length, failed: [], ...noUsage() };
  let done = 0, writing = Promise.resolve();

  async function complete(concept: string): Promise<void> {
    const found = new Set(known.get(concept));
    for (let attempt = 0; attempt < attempts && found.size < each; attempt++) {
      const reply = await chat(endpoint, phrasePrompt(concept, each), options);
      addUsage(report, reply);
      for (const phrase of captionsOf(reply.text)) if (maskConcept(phrase, concept)) found.add(phrase);
    }
    if (found.size < each) report.failed.push(concept);
    else report.complete++;
    if (found.size === 0) return;
    known.set(concept, [...found].slice(0, each));
    // Writes are chained, so that two never run at once.
    writing = writing.then(() => writeAtomically(file, JSON.stringify(Object.fromEntries(known), null, 1) + "\n"));
    await writing;
  }
  await inParallel(wanted, parallel, async (concept) => {
    await complete(concept);
    onProgress(++done, wanted.length);
  });
  report.failed.sort();
  return report;
}

/** Extracts the lines of a reply that can be captions, without bullets, numbers and quotation marks. */
function captionsOf(reply: string): string[] {
  return reply.split("\n")
    .map((line) => cleanText(line.replace(/^\s*(?:[-*•]|\d+[.)])\s*/, "").replace(/^["'“”]+|["'“”.]+$/g, "")))
    .filter((line) => line !== "" && line.length <= 200);
}

async function phrasesIfThere(file: string, warn?: (message: string) => void): Promise<Phrases> {
  const text = await readTextIfThere(file);
  if (text === undefined) return new Map();
  try {
    return parsePhrases(JSON.parse(text), file, warn);
  } catch (error) {
    const why = error instanceof SyntaxError ? `${file} is not JSON` : (error as Error).message;
    throw new Error(`Going on with phrases failed: ${why}; repair the file, or name another.`);
  }
}

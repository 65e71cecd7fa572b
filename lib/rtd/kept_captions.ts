/** Captions that the recipe's `keepCaptions` preserves, in the place of each step's own target captions. */
import { jsonHash } from "../io/hash.ts";
import type { OnProgress } from "../io/on_progress.ts";
import { filePath, type Path } from "../io/path.ts";
import { type EpochState, listSampler } from "../training/epoch_sampler.ts";
import type { MakeSampler } from "../training/sampler.ts";
import { readSourceCaptions } from "../triplets/make/source_captions.ts";
import { cleanText } from "../triplets/triplet.ts";
import type { RtdRecipe } from "./recipe.ts";

/** Captions to keep. */
export interface KeptCaptions {
  /** The captions, each once, as the tokenizer reads them. */
  captions: readonly string[];
  /** Hash of them. */
  hash: string;
}

/** Collects captions to keep: each once, without those that have no text. */
export async function keptCaptionsOf(texts: Iterable<string>): Promise<KeptCaptions> {
  const captions = new Set<string>();
  for (const text of texts) captions.add(cleanText(text));
  captions.delete("");
  const all = [...captions];
  return { captions: all, hash: await jsonHash(all) };
}

/**
 * Reads a file of captions to keep: one a line, JSON lines, a JSON list or COCO's JSON.
 *
 * @throws {Error} if there is no such file, or it holds no captions
 */
export async function readKeptCaptions(path: Path, onProgress?: OnProgress): Promise<KeptCaptions> {
  const texts: string[] = [];
  await readSourceCaptions(path, ({ text }) => void texts.push(text), onProgress);
  const kept = await keptCaptionsOf(texts);
  if (kept.captions.length > 0) return kept;
  throw new Error(
    `Reading captions failed: none of the ${texts.length} lines of ${filePath(path)} has a word; write one a line.`,
  );
}

/**
 * Returns a function that starts samplers of captions to keep: every one once an epoch.
 *
 * @param title of the work, for the error message
 * @throws {Error} if there are none, one has no text, or they have no weight
 */
export function keptCaptionSampler(
  captions: readonly string[],
  { keepCaptions }: Pick<RtdRecipe, "keepCaptions">,
  title: string,
): MakeSampler<string, EpochState> {
  const texts = captions.map(cleanText), empty = texts.indexOf("");
  if (captions.length === 0 || empty >= 0) {
    const fault = captions.length === 0 ? "keptCaptions is empty" : `keptCaptions[${empty}] has no text`;
    throw new Error(`${title} failed: ${fault}; give captions with words, or leave keptCaptions out.`);
  }
  if (keepCaptions === 0) {
    throw new Error(
      `${title} failed: keptCaptions holds ${captions.length} captions, but the recipe's keepCaptions is 0, so they have ` +
        "no part in the loss; set keepCaptions above 0.",
    );
  }
  return listSampler(texts);
}

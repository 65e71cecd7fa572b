/** Reads captions from a file and masks their keywords for LinCIR. */
import { filePath, type Path } from "../../io/path.ts";
import { readSourceCaptions } from "../../triplets/make/source_captions.ts";
import { loadTagger } from "../../triplets/tagger.ts";
import { cleanText } from "../../triplets/triplet.ts";
import { random } from "../../tensors/random.ts";
import { maskCaption, maskRandomWord, maskReleased } from "./keywords.ts";
import type { Masking } from "./masking.ts";
import type { MaskedCaption } from "./lincir.ts";

/** The captions of a file. */
export interface CaptionFile {
  /** The captions, each with its masked form. */
  captions: MaskedCaption[];
  /** Number of captions without a keyword; a random word of each is masked, as in the released program. */
  withoutKeyword: number;
  /** Number of captions without a letter or digit; they are left out. */
  withoutWord: number;
}

/** Options of {@linkcode readCaptions}. */
export interface ReadCaptionsOptions {
  /** How keywords are masked; "position" by default. */
  masking?: Masking;
  /** Seed that draws the word of a caption without keyword; 12345 by default, that of the published recipe. */
  seed?: number;
}

/**
 * Reads captions: one a line (empty lines are skipped), or COCO's JSON (`{"annotations": [{"caption": ...}]}`), or a
 * JSON list of texts, or JSON lines with a field `caption`. They are cleaned by `cleanText`, as triplets are. The random
 * word of a caption without keyword is drawn once, when the file is read (the released program draws anew in each epoch).
 *
 * @throws {Error} if there is no such file, it is JSON of another form, has no caption in it, one of more than 10,000
 *   letters, or none with a letter or digit
 */
export async function readCaptions(
  path: Path,
  { masking = "position", seed = 12345 }: ReadCaptionsOptions = {},
): Promise<CaptionFile> {
  const file = filePath(path), lines: string[] = [];
  await readSourceCaptions(file, ({ text }) => {
    const line = cleanText(text);
    if (line !== "") lines.push(line);
  });
  const tag = await loadTagger();
  const rng = random(seed), captions: MaskedCaption[] = [];
  let withoutKeyword = 0;
  for (const line of lines) {
    const byPosition = maskCaption(line, tag);
    const masked = !/[\p{L}\p{N}]/u.test(line)
      ? undefined
      : masking === "released"
      ? maskReleased(line, tag, rng)
      : byPosition ?? maskRandomWord(line, rng);
    if (!masked) continue;
    captions.push(masked);
    if (!byPosition) withoutKeyword++;
  }
  if (captions.length === 0) {
    throw new Error(`Reading captions failed: none of the ${lines.length} of ${file} has a letter or digit.`);
  }
  return { captions, withoutKeyword, withoutWord: lines.length - captions.length };
}

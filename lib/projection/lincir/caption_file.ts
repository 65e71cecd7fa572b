/** Reads captions from a file and masks their keywords for LinCIR. */
import { filePath, type Path } from "../../io/path.ts";
import { readSourceCaptions } from "../../triplets/make/source_captions.ts";
import { loadTagger } from "../../triplets/tagger.ts";
import { cleanText } from "../../triplets/triplet.ts";
import { maskCaption } from "./keywords.ts";
import type { MaskedCaption } from "./lincir.ts";

/** The captions of a file. */
export interface CaptionFile {
  /** The captions that have a keyword, each with its masked form. */
  captions: MaskedCaption[];
  /** Number of captions without a keyword; they cannot be masked and are left out. */
  withoutKeyword: number;
}

/**
 * Reads captions: one a line (empty lines are skipped), or COCO's JSON (`{"annotations": [{"caption": ...}]}`), or a
 * JSON list of texts, or JSON lines with a field `caption`. They are cleaned by `cleanText`, as triplets are.
 *
 * @throws {Error} if there is no such file, it is JSON of another form, has no caption in it, one of more than 10,000
 *   letters, or none with a keyword
 */
export async function readCaptions(path: Path): Promise<CaptionFile> {
  const file = filePath(path), lines: string[] = [];
  await readSourceCaptions(file, ({ text }) => {
    const line = cleanText(text);
    if (line !== "") lines.push(line);
  });
  const tag = await loadTagger();
  const captions = lines.map((line) => maskCaption(line, tag)).filter((found) => found !== undefined);
  if (captions.length === 0) {
    throw new Error(
      `Reading captions failed: none of the ${lines.length} of ${file} has a keyword (noun, adjective, determiner).`,
    );
  }
  return { captions, withoutKeyword: lines.length - captions.length };
}

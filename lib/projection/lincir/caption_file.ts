/** Reads captions from a file and masks their keywords for LinCIR. */
import { filePath, type Path } from "../../io/path.ts";
import { readText } from "../../io/read_file.ts";
import { cleanText } from "../../triplets/triplet.ts";
import { loadTagger, maskCaption } from "./keywords.ts";
import type { MaskedCaption } from "./lincir.ts";

/** The captions of a file. */
export interface CaptionFile {
  /** The captions that have a keyword, each with its masked form. */
  captions: MaskedCaption[];
  /** Number of captions without a keyword; they cannot be masked and are left out. */
  withoutKeyword: number;
}

/** Longest caption, letters: the tagger's time grows with the square of a word's length, and CLIP reads 77 tokens. */
const longestCaption = 10_000;

/**
 * Reads captions: one a line (empty lines are skipped), or COCO's JSON (`{"annotations": [{"caption": ...}]}`), or a
 * JSON list of texts, or JSON lines with a field `caption`. They are cleaned by `cleanText`, as triplets are.
 *
 * @throws {Error} if there is no such file, it is JSON of another form, has no caption in it, one of more than 10,000
 *   letters, or none with a keyword
 */
export async function readCaptions(path: Path): Promise<CaptionFile> {
  const file = filePath(path), text = await readText("captions", file);
  const lines = captionsIn(text, file).map(cleanText).filter((line) => line !== "");
  if (lines.length === 0) throw new Error(`Reading captions failed: ${file} holds none; write one a line.`);
  const long = lines.find(({ length }) => length > longestCaption);
  if (long !== undefined) {
    throw new Error(
      `Reading captions failed: a caption of ${file} has ${long.length} letters, the most are ${longestCaption}; write ` +
        "one a line.",
    );
  }
  const tag = await loadTagger();
  const captions = lines.map((line) => maskCaption(line, tag)).filter((found) => found !== undefined);
  if (captions.length === 0) {
    throw new Error(
      `Reading captions failed: none of the ${lines.length} of ${file} has a keyword (noun, adjective, determiner).`,
    );
  }
  return { captions, withoutKeyword: lines.length - captions.length };
}

/** Extracts the captions from a text file or from one of the known JSON forms. */
function captionsIn(text: string, file: string): string[] {
  const refuse = (): never => {
    throw new Error(
      `Reading captions failed: ${file} is JSON of an unknown form; give one caption a line, a JSON list of texts, ` +
        'JSON lines with "caption", or COCO\'s {"annotations": [{"caption": ...}]}.',
    );
  };
  const lines = text.split(/\r?\n/);
  if (!/^\s*[[{]/.test(text) || /^\s*\[[^\S\n]*[\p{L}]/u.test(text)) return lines;
  const captionOf = (row: unknown): string => {
    const caption = typeof row === "string" ? row : (row as { caption?: unknown } | null)?.caption;
    return typeof caption === "string" ? caption : refuse();
  };
  const parse = (part: string): unknown => {
    try {
      return JSON.parse(part);
    } catch {
      return refuse();
    }
  };
  const filled = lines.filter((line) => line.trim() !== "");
  const single = filled.length === 1 && /"annotations"\s*:/.test(text);
  const jsonLines = !single && filled.every((line) => /^\s*\{.*\}\s*$/.test(line));
  if (jsonLines) return filled.map((line) => captionOf(parse(line)));
  const json = parse(text);
  const rows = Array.isArray(json) ? json : (json as { annotations?: unknown }).annotations;
  return Array.isArray(rows) ? rows.map(captionOf) : refuse();
}

/** Captions from a file, masked for LinCIR. */
import { readText } from "../formats/read_file.ts";
import { cleanText } from "../triplets/triplet.ts";
import { loadTagger, maskCaption } from "./keywords.ts";
import type { MaskedCaption } from "./lincir.ts";

/** What a file of captions gave. */
export interface CaptionFile {
  captions: MaskedCaption[];
  /** Captions that have no keyword, and so cannot be masked. */
  withoutKeyword: number;
}

/**
 * Reads captions, one a line; empty lines are skipped. They are cleaned as triplets are.
 * @throws {Error} if there is no such file, no caption in it, or none with a keyword
 */
export async function readCaptions(file: string): Promise<CaptionFile> {
  const text = await readText("captions", file);
  const lines = text.split("\n").map(cleanText).filter((line) => line !== "");
  if (lines.length === 0) throw new Error(`Reading captions failed: ${file} holds none; write one a line.`);
  const tag = await loadTagger();
  const captions = lines.map((line) => maskCaption(line, tag)).filter((found) => found !== undefined);
  if (captions.length === 0) {
    throw new Error(
      `Reading captions failed: none of the ${lines.length} of ${file} has a keyword (noun, adjective, determiner).`,
    );
  }
  return { captions, withoutKeyword: lines.length - captions.length };
}

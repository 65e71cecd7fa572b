/** The captions of a corpus, each once. */
import { createHash } from "node:crypto";
import { cleanText } from "../triplet.ts";
import { drop, type Dropped } from "./made_triplet.ts";
import type { SourceCaption } from "./source_captions.ts";

/** Captions of which no two say the same. */
export interface CaptionList {
  /** The captions, in the order in which they were added. */
  captions: SourceCaption[];
  /** Adds a caption with single spaces; one that says what an earlier one said is counted and left out. */
  add(caption: SourceCaption): void;
  /** Returns a SHA-256 of the captions in their order, 64 hexadecimal digits. */
  hash(): string;
}

/**
 * Starts a list of captions.
 *
 * @param dropped where those that are left out are counted
 */
export function captionList(dropped: Dropped): CaptionList {
  const captions: SourceCaption[] = [], known = new Set<string>(), hash = createHash("sha256");
  return {
    captions,
    add(caption) {
      const text = caption.text.replaceAll(/\s+/g, " "), key = comparable(text);
      if (key === "") drop(dropped, "caption empty after cleaning");
      else if (known.has(key)) drop(dropped, "caption that says what an earlier one says");
      else {
        known.add(key);
        captions.push({ ...caption, text });
        hash.update(`${text}\n`);
      }
    },
    hash: () => hash.copy().digest("hex"),
  };
}

/** A text without what makes no difference between captions: letter case, cleaning, and the sign at its end. */
export function comparable(text: string): string {
  return cleanText(text).replaceAll(/\s+/g, " ").replace(/[\s.!?;,]+$/, "");
}

/** The emoji of `emojibase-data` with their labels taken apart, in a fixed order. */
import { packageJson } from "../../io/package_file.ts";
import { type ParsedLabel, parseLabel, plainText } from "./labels.ts";

const source = "npm:emojibase-data@17.0.0";

/** The part of the package's rows that is read. */
interface EmojibaseEmoji {
  label: string;
  hexcode: string;
  subgroup?: number;
  tags?: string[];
  skins?: { label: string; hexcode: string }[];
}

/** One emoji: what it is called, not how it is drawn. */
export interface Emoji extends ParsedLabel {
  /** Code points in upper case, joined by "-", without the presentation selector FE0F: the key of an image. */
  code: string;
  /** The label as {@linkcode plainText}: its caption. */
  caption: string;
  /** Search words that the package gives, as plain text. */
  tags: string[];
  /** Unicode's subgroup, such as "person-role". */
  subgroup: string;
}

/** Code points as {@linkcode Emoji.code} writes them. */
export function imageCode(hexcode: string): string {
  return hexcode.toUpperCase().split("-").filter((point) => point !== "FE0F").join("-");
}

/** Reads all emoji that have a label and are not a bare component (a skin tone or a hair style on its own). */
export async function emojiCatalogue(): Promise<Emoji[]> {
  const emojibase = await packageJson<EmojibaseEmoji[]>(`${source}/en/data.json`);
  const messages = await packageJson<{ subgroups: { order: number; key: string }[] }>(`${source}/en/messages.json`);
  const subgroups = new Map(messages.subgroups.map(({ order, key }) => [order as number, key as string]));
  const found = new Map<string, Emoji>();
  for (const base of emojibase) {
    const subgroup = subgroups.get(base.subgroup ?? -1) ?? "none";
    if (subgroup === "skin-tone" || subgroup === "hair-style") continue;
    // A skin's own tags are its base's.
    const tags = (base.tags ?? []).map(plainText).filter((tag) => tag !== "");
    for (const { label, hexcode } of [base, ...(base.skins ?? [])]) {
      const code = imageCode(hexcode);
      if (found.has(code)) {
        throw new Error(`Reading emojibase-data failed: the code ${code} ("${label}") appears twice.`);
      }
      found.set(code, { code, caption: plainText(label), tags, subgroup, ...parseLabel(label) });
    }
  }
  const emoji = [...found.values()];
  // "cook" names the same family as "man cook" and "woman cook", with no gender.
  const families = new Set(emoji.map(({ family }) => family));
  return emoji.map((one) => families.has(`@ ${one.family}`) ? { ...one, family: `@ ${one.family}` } : one);
}

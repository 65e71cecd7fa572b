/** The emoji of the package `emojibase-data` with their labels parsed, in a fixed order. */
import { imageCode } from "../../embedded/image_code.ts";
import { packageJson } from "../../io/package_file.ts";
import { type ParsedLabel, parseLabel, plainText } from "./labels.ts";

const source = "npm:emojibase-data@17.0.0";

/** The fields of the package's rows that are read. */
interface EmojibaseEmoji {
  label: string;
  hexcode: string;
  subgroup?: number;
  tags?: string[];
  skins?: { label: string; hexcode: string }[];
}

/** One emoji with its texts; its images are in an {@linkcode ImageSet}. */
export interface Emoji extends ParsedLabel {
  /** Code points in upper case, joined by "-", without the presentation selector FE0F; images are found by it. */
  code: string;
  /** The caption: the label in lower case, without punctuation. */
  caption: string;
  /** Search words that the package lists for the emoji, in lower case, without punctuation. */
  tags: string[];
  /** Unicode's subgroup, such as "person-role". */
  subgroup: string;
}

/**
 * Reads all emoji except bare components (a skin tone or a hair style on its own).
 *
 * @throws {Error} if the package cannot be read, or lists a code twice
 */
export async function emojiCatalogue(): Promise<Emoji[]> {
  const emojibase = await packageJson<EmojibaseEmoji[]>(`${source}/en/data.json`);
  const messages = await packageJson<{ subgroups: { order: number; key: string }[] }>(`${source}/en/messages.json`);
  const subgroups = new Map(messages.subgroups.map(({ order, key }) => [order as number, key as string]));
  const found = new Map<string, Emoji>();
  for (const base of emojibase) {
    const subgroup = subgroups.get(base.subgroup ?? -1) ?? "none";
    if (subgroup === "skin-tone" || subgroup === "hair-style") continue;
    // The package lists tags for the base emoji only; its skin tones share them.
    const tags = (base.tags ?? []).map(plainText).filter((tag) => tag !== "");
    for (const { label, hexcode } of [base, ...(base.skins ?? [])]) {
      const code = imageCode(hexcode);
      if (found.has(code)) {
        throw new Error(
          `Reading emojibase-data failed: the code ${code} ("${label}") appears twice; is it another version?`,
        );
      }
      found.set(code, { code, caption: plainText(label), tags, subgroup, ...parseLabel(label) });
    }
  }
  const emoji = [...found.values()];
  // "cook" names the same family as "man cook" and "woman cook", with no gender.
  const families = new Set(emoji.map(({ family }) => family));
  return emoji.map((one) => families.has(`@ ${one.family}`) ? { ...one, family: `@ ${one.family}` } : one);
}

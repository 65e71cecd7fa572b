/**
 * Parses an emoji's label into the name of a family and attributes: "woman running: dark skin tone" is a member of the
 * family "@ running" with gender "woman" and tone "dark skin tone".
 */

/** An attribute in which members of a family may differ. */
export type Attribute = "gender" | "tone" | "hair" | "colour" | "size" | "direction";

/** All attributes. */
export const attributes: readonly Attribute[] = ["gender", "tone", "hair", "colour", "size", "direction"];

/** A parsed label. */
export interface ParsedLabel {
  /** The label with each attribute replaced by its sign (`@` gender, `#` colour, `%` size) or cut away. */
  family: string;
  /** Value of each attribute, such as "dark skin tone"; an attribute that the label does not mention is absent. */
  values: Partial<Record<Attribute, string>>;
}

const tone = /^(light|medium-light|medium|medium-dark|dark) skin tone$/;
const hair = /^(red|curly|white|blond) hair$|^bald$|^beard$/;
const direction = /^facing (right|left)$/;
const gender = /\b(man|woman|person)\b/g;
const genderPlural = /\b(men|women|people|woman and man)\b/g;
const genderList = /^(man|woman|person)$/;
const colour = /\b(red|orange|yellow|green|light blue|blue|purple|brown|black|white|grey|pink)\b/g;
const size = /\b(large|medium-small|medium|small)\b/g;

/** Parses a label of `emojibase-data`. Words that do not fit the grammar stay in the name of the family. */
export function parseLabel(label: string): ParsedLabel {
  const colon = label.indexOf(": ");
  const head = colon < 0 ? label : label.slice(0, colon);
  const values: Partial<Record<Attribute, string>> = {};
  const genders: string[] = [], tones: string[] = [], rest: string[] = [];
  for (const part of colon < 0 ? [] : label.slice(colon + 2).split(", ")) {
    if (tone.test(part)) tones.push(part);
    else if (hair.test(part) && !values.hair) values.hair = part;
    else if (direction.test(part)) values.direction = part;
    else if (genderList.test(part) && (head === "kiss" || head === "couple with heart")) genders.push(part);
    else rest.push(part);
  }
  if (tones.length > 0) values.tone = tones.join(" and ");
  let family = rest.length > 0 ? `${head}: ${rest.join(", ")}` : head;
  const take = (attribute: Attribute, pattern: RegExp, sign: string) => {
    const found = family.match(pattern);
    if (found?.length !== 1 || values[attribute]) return;
    values[attribute] = found[0];
    family = family.replace(pattern, sign);
  };
  if (genders.length > 0) values.gender = genders.join(" and ");
  else if (rest.length === 0) {
    take("gender", genderPlural, "@@");
    take("gender", gender, "@");
  }
  if (!values.gender) {
    take("colour", colour, "#");
    if (values.colour) take("size", size, "%");
  }
  return { family, values };
}

/** Converts a label to the form of captions: letters in lower case, digits and hyphens, other characters as spaces. */
export function plainText(label: string): string {
  return label.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[’'“”".]/g, "")
    .replace("*", "asterisk").replace("#", "hash").replace(/[^\p{L}\p{N}-]+/gu, " ").trim();
}

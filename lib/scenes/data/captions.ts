/** Captions of scenes: they describe an image and never contain an instruction to change it. */
import { placeholder } from "../../clip/model/tokenizer.ts";
import type { Random } from "../../tensors/random.ts";
import { kinds } from "./kinds.ts";
import { type Background, backgrounds, type Group, type Scene, type Side, sides, sizes } from "./scene.ts";
import { instructionWords } from "./wording.ts";

/** Numbers in words, by number. */
export const numbers = ["no", "one", "two", "three", "four"] as const;

/** Puts "a" or "an" before a text. */
export function withArticle(text: string): string {
  return `${/^[aeiou]/.test(text) ? "an" : "a"} ${text}`;
}

/** Returns the name of so many of a kind. */
export function nounOf(kind: number, count: number): string {
  return count === 1 ? kinds[kind].name : kinds[kind].plural;
}

/** Describes a group: "two small dogs", "an apple". @param size a word for its size; "" leaves it out */
export function describeGroup({ kind, count, size }: Group, word: string = size): string {
  const noun = [word, nounOf(kind, count)].filter((part) => part !== "").join(" ");
  return count === 1 ? withArticle(noun) : `${numbers[count]} ${noun}`;
}

/** The caption by which a scene is known: the groups in their order, and the background. */
export function sceneCaption({ groups, background, side }: Scene): string {
  const [first, second] = groups.map((group) => describeGroup(group));
  const join = side ? sideWords[side][0] : "and";
  return `${second ? `${first} ${join} ${second}` : first} on a ${background} background`;
}

/** Beginnings of captions. */
export const captionPrefixes = ["a photo of", "a picture of", "a drawing of", "an image of", "a view of"];
const joins = ["and", "and", "with", "next to", "beside", "together with"];
const sideWords: Record<Side, readonly string[]> = {
  left: ["to the left of", "left of"],
  right: ["to the right of", "right of"],
  above: ["above", "over"],
  below: ["below", "under"],
};
const backgroundWords = ["on a @ background", "on a @ background", "against a @ background", "with a @ background"];
const plainly: Partial<Record<Background, string>> = { striped: "on stripes", dotted: "on dots" };
const sizeWords: Record<Group["size"], readonly string[]> = {
  small: ["little", "tiny"],
  large: ["big", "huge"],
};

/** Describes a scene in one of many forms. */
export function describeScene(scene: Scene, rng: Random): string {
  const pick = <T>(items: readonly T[]) => items[rng.int(items.length)];
  const group = (one: Group) => {
    const chance = rng.uniform(), word = chance < 0.05 ? "" : chance < 0.3 ? pick(sizeWords[one.size]) : one.size;
    const described = describeGroup(one, word);
    return one.count === 1 && rng.uniform() < 0.3 ? described.replace(/^an? /, "one ") : described;
  };
  const { side, background } = scene;
  const turned = side === undefined && rng.int(2) === 0 ? scene.groups.toReversed() : scene.groups;
  const told = side !== undefined && rng.uniform() < 0.9;
  let caption = turned.map(group).join(` ${told ? pick(sideWords[side]) : pick(joins)} `);
  if (rng.uniform() < 0.95) {
    const plain = plainly[background] ?? `on ${background}`;
    caption += ` ${rng.uniform() < 0.15 ? plain : pick(backgroundWords).replace("@", background)}`;
  }
  return rng.uniform() < 0.6 ? `${pick(captionPrefixes)} ${caption}` : caption;
}

/**
 * Draws a caption for pretraining: a description, of which one in five gets one to three stray words of instructions, so
 * that their embeddings are trained before RTD uses them.
 */
export function drawSceneCaption(scene: Scene, rng: Random): string {
  const caption = describeScene(scene, rng);
  if (rng.uniform() >= 0.2) return caption;
  const words = caption.split(" ");
  for (let left = 1 + rng.int(3); left > 0; left--) {
    words.splice(rng.int(words.length + 1), 0, instructionWords[rng.int(instructionWords.length)]);
  }
  return words.join(" ");
}

const contentWords = new Set([
  ...kinds.flatMap(({ name, plural }) => [name, plural]),
  ...[...numbers.slice(1), ...sizes, ...Object.values(sizeWords).flat()],
  ...[...backgrounds, "stripes", "dots", "background"],
]);

/** Lists every word that a caption or a conditioning text can contain, sorted. */
export function sceneWords(): string[] {
  const texts = [
    ...[...captionPrefixes, ...joins, ...backgroundWords, ...Object.values(sideWords).flat(), ...sides],
    ...[...Object.values(plainly), ...instructionWords, ...contentWords, "a", "an", "the", "one"],
  ];
  return [...new Set(texts.flatMap((text) => text.replace("@", "").split(" ")))].filter((word) => word !== "").sort();
}

/** Replaces each run of content words of a caption by one `[$]`, as LinCIR's self-masking does with keywords. */
export function maskSceneCaption(caption: string): string {
  const masked: string[] = [];
  for (const word of caption.split(" ")) {
    if (!contentWords.has(word)) masked.push(word);
    else if (masked.at(-1) !== placeholder) masked.push(placeholder);
  }
  return masked.join(" ");
}

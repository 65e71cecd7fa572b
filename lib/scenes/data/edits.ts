/** Edits of scenes by CIRCO's aspects: what changes from the reference to the target, and in which words. */
import type { Random } from "../../tensors/random.ts";
import { describeGroup, nounOf, numbers, withArticle } from "./captions.ts";
import { kinds } from "./kinds.ts";
import { backgrounds, type Group, mostOfAKind, type Scene, type Size, sizes } from "./scene.ts";
import type { SceneChange } from "./wording.ts";

/** The aspects: one of seven changes, or two of them at once. */
export const sceneAspects = [
  ...["cardinality", "one more or fewer", "addition", "removal", "replacement", "size", "background"] as const,
  "two",
] as const;
/** One of {@linkcode sceneAspects}. */
export type SceneAspect = typeof sceneAspects[number];

/** An edit of a scene. */
export interface SceneEdit {
  /** What changes. */
  aspect: SceneAspect;
  /** The scene before it. */
  reference: Scene;
  /** The scene after it. */
  target: Scene;
  /** The changes in words: two for the aspect "two", else one. */
  changes: readonly SceneChange[];
}

/** Which kinds an edit may add. */
export interface EditChoice {
  /** Indices of the kinds. */
  kinds: readonly number[];
  /** Whether two kinds may be together; by default any may. */
  together?: (a: number, b: number) => boolean;
}

type Step = { target: Scene; change: SceneChange };

/**
 * Draws an edit of one aspect.
 *
 * @returns undefined where the reference does not allow it: nothing can be removed from a scene of one kind, or added to
 *   one of two
 */
export function drawEdit(
  reference: Scene,
  aspect: SceneAspect,
  choice: EditChoice,
  rng: Random,
): SceneEdit | undefined {
  if (aspect !== "two") {
    const step = steps[aspect](reference, choice, rng);
    return step && { aspect, reference, target: step.target, changes: [step.change] };
  }
  // What one step touches, the next leaves alone: a group that was changed keeps its place among the groups.
  const [first, second] = rng.shuffle(Object.keys(steps) as (keyof typeof steps)[]);
  if (conflicts(first, second)) return undefined;
  const one = steps[first](reference, choice, rng), other = one && steps[second](one.target, choice, rng);
  if (!one || !other || sameGroup(reference, one.target, other.target)) return undefined;
  if (returns(reference, one.target, other.target)) return undefined;
  return { aspect, reference, target: other.target, changes: [one.change, other.change] };
}

/** Two steps that would undo each other, or say one thing twice. */
function conflicts(first: string, second: string): boolean {
  const both = [first, second];
  return ["cardinality", "one more or fewer"].every((step) => both.includes(step)) ||
    ["addition", "removal"].every((step) => both.includes(step));
}

/** Whether both steps changed the same group, so that the second text would name what the first one changed. */
function sameGroup(before: Scene, between: Scene, after: Scene): boolean {
  const changed = (a: Scene, b: Scene) => a.groups.filter((group) => !b.groups.includes(group));
  const first = changed(between, before);
  return changed(between, after).some((group) => first.includes(group));
}

/** Whether the second step brings back a kind that the first one took away. */
function returns(before: Scene, between: Scene, after: Scene): boolean {
  const kindsOf = ({ groups }: Scene) => groups.map(({ kind }) => kind);
  const gone = kindsOf(before).filter((kind) => !kindsOf(between).includes(kind));
  return gone.some((kind) => kindsOf(after).includes(kind));
}

/** Replaces a group; the others stay the same objects. */
function withGroup(scene: Scene, at: number, group: Group): Scene {
  return { ...scene, groups: scene.groups.map((one, i) => i === at ? group : one) };
}

const verbs = (count: number) => count === 1 ? { IS: "is", WAS: "was" } : { IS: "are", WAS: "were" };
/** A number with its noun, or with the article where there is one. */
const counted = (kind: number, count: number) => `${numbers[count]} ${nounOf(kind, count)}`;
const anyOf = (kind: number, count: number) => count === 1 ? withArticle(nounOf(kind, 1)) : nounOf(kind, count);

const steps: Record<
  Exclude<SceneAspect, "two">,
  (scene: Scene, choice: EditChoice, rng: Random) => Step | undefined
> = {
  cardinality(scene, _, rng) {
    const at = rng.int(scene.groups.length), group = scene.groups[at], { kind } = group;
    const count = 1 + (group.count - 1 + 1 + rng.int(mostOfAKind - 1)) % mostOfAKind;
    const slots = { N: counted(kind, count), O: numbers[group.count] };
    return { target: withGroup(scene, at, { ...group, count }), change: { says: "cardinality", slots } };
  },
  "one more or fewer"(scene, _, rng) {
    const at = rng.int(scene.groups.length), group = scene.groups[at], { kind } = group;
    const more = group.count === 1 || (group.count < mostOfAKind && rng.int(2) === 0);
    const count = group.count + (more ? 1 : -1);
    const slots = { K: kinds[kind].name, S: kinds[kind].plural };
    return { target: withGroup(scene, at, { ...group, count }), change: { says: more ? "more" : "fewer", slots } };
  },
  addition(scene, { kinds, together = () => true }, rng) {
    const [present] = scene.groups;
    const possible = kinds.filter((kind) => kind !== present.kind && together(kind, present.kind));
    if (scene.groups.length === 2 || possible.length === 0) return undefined;
    const kind = possible[rng.int(possible.length)];
    const group = { kind, count: 1 + rng.int(mostOfAKind), size: sizes[rng.int(sizes.length)] };
    return {
      target: { ...scene, groups: [present, group] },
      change: { says: "addition", slots: { G: describeGroup(group) } },
    };
  },
  removal(scene, _, rng) {
    if (scene.groups.length === 1) return undefined;
    const at = rng.int(2), { kind, count } = scene.groups[at];
    const slots = { S: kinds[kind].plural, T: nounOf(kind, count), ...verbs(count) };
    return { target: { ...scene, groups: [scene.groups[1 - at]] }, change: { says: "removal", slots } };
  },
  replacement(scene, { kinds, together = () => true }, rng) {
    const at = rng.int(scene.groups.length), group = scene.groups[at], other = scene.groups[1 - at];
    const possible = kinds.filter((kind) =>
      kind !== group.kind && (!other || (kind !== other.kind && together(kind, other.kind)))
    );
    if (possible.length === 0) return undefined;
    const kind = possible[rng.int(possible.length)], { count } = group;
    const slots = {
      ...{ N: anyOf(kind, count), O: anyOf(group.kind, count), T: nounOf(group.kind, count) },
      ...verbs(count),
    };
    return { target: withGroup(scene, at, { ...group, kind }), change: { says: "replacement", slots } };
  },
  size(scene, _, rng) {
    const at = rng.int(scene.groups.length), group = scene.groups[at], { kind, count } = group;
    const size: Size = group.size === "small" ? "large" : "small";
    const sized = (word: Size) => `${word} ${nounOf(kind, count)}`;
    const anySized = (word: Size) => count === 1 ? withArticle(sized(word)) : sized(word);
    const slots = {
      ...{ N: anySized(size), O: anySized(group.size), R: sized(group.size), V: size, W: group.size },
      ...{ C: size === "large" ? "larger" : "smaller", T: nounOf(kind, count) },
      ...verbs(count),
    };
    return { target: withGroup(scene, at, { ...group, size }), change: { says: "size", slots } };
  },
  background(scene, _, rng) {
    const others = backgrounds.filter((one) => one !== scene.background);
    const background = others[rng.int(others.length)];
    const slots = { V: background, W: scene.background };
    return { target: { ...scene, background }, change: { says: "background", slots } };
  },
};

/** Draws a scene that differs in one thing, as hard negatives of an image do. */
export function randomSibling(scene: Scene, choice: EditChoice, rng: Random): Scene {
  const single = Object.values(steps);
  for (;;) {
    const step = single[rng.int(single.length)](scene, choice, rng);
    if (step) return step.target;
  }
}

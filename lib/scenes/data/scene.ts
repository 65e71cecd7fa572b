/** Scenes: one or two kinds of things on a background, with their number and their size. */
import type { Random } from "../../tensors/random.ts";
import { kinds } from "./kinds.ts";

/** The backgrounds. */
export const backgrounds = ["blue", "green", "yellow", "pink", "striped", "dotted"] as const;
/** One of {@linkcode backgrounds}. */
export type Background = typeof backgrounds[number];

/** The sizes of things. */
export const sizes = ["small", "large"] as const;
/** One of {@linkcode sizes}. */
export type Size = typeof sizes[number];

/** The sides on which the first group of a scene can lie, seen from the second. */
export const sides = ["left", "right", "above", "below"] as const;
/** One of {@linkcode sides}. */
export type Side = typeof sides[number];

/** Largest number of things of a kind. */
export const mostOfAKind = 4;

/** Things of one kind. */
export interface Group {
  /** Index of the kind. */
  kind: number;
  /** How many, 1 to {@linkcode mostOfAKind}. */
  count: number;
  /** Their size. */
  size: Size;
}

/** What an image shows, but for where everything lies. */
export interface Scene {
  /** One or two groups, of different kinds. */
  groups: readonly Group[];
  /** The background. */
  background: Background;
  /** Where the first group lies, seen from the second; absent: anywhere. */
  side?: Side;
}

/** The side across from each. */
export const oppositeSides: Readonly<Record<Side, Side>> = {
  left: "right",
  right: "left",
  above: "below",
  below: "above",
};

/** Returns a text that two scenes share if and only if they show the same, in whatever order their groups are named. */
export function sceneKey({ groups, background, side }: Scene): string {
  const named = groups.map(({ kind, count, size }) => `${count} ${size} ${kinds[kind].name}`);
  const turned = groups.length === 2 && groups[0].kind > groups[1].kind;
  const seen = side && (turned ? oppositeSides[side] : side);
  return [...(turned ? named.reverse() : named), background, ...(seen ? [seen] : [])].join("|");
}

/** Share of references of one kind: only to these can a kind be added. */
export const aloneAmongReferences = 0.4;

/** Which scenes are drawn. */
export interface SceneChoice {
  /** Indices of the kinds that are used. */
  kinds: readonly number[];
  /** Whether two kinds may be together; by default any may. */
  together?: (a: number, b: number) => boolean;
  /** Share of scenes of one kind, 0 to 1. */
  alone: number;
  /** Share of scenes of two kinds whose groups lie on sides of the image; 0 by default. */
  sided?: number;
}

/** Draws a scene: kinds, numbers, sizes and background uniformly. */
export function randomScene({ kinds, together = () => true, alone, sided = 0 }: SceneChoice, rng: Random): Scene {
  const pick = <T>(items: readonly T[]) => items[rng.int(items.length)];
  const group = (kind: number): Group => ({ kind, count: 1 + rng.int(mostOfAKind), size: pick(sizes) });
  const background = pick(backgrounds);
  if (rng.uniform() < alone) return { groups: [group(pick(kinds))], background };
  let [a, b] = [pick(kinds), pick(kinds)];
  while (a === b || !together(a, b)) [a, b] = [pick(kinds), pick(kinds)];
  const groups = [group(a), group(b)];
  return rng.uniform() < sided ? { groups, background, side: pick(sides) } : { groups, background };
}

/**
 * One seeded generator, passed in by whoever needs chance: the same seed gives the same numbers on every backend,
 * and its state is a short list of integers, so a checkpoint can hold it.
 *
 * The bits come from `pure-rand` (xoroshiro128+); this file adds the three shapes in which the toolkit asks for them.
 */
import { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "npm:pure-rand@8.4.2/generator/xoroshiro128plus";

/** What {@linkcode Random.state} returns: JSON-safe. */
export type RandomState = readonly number[];

/** A seeded source of chance. */
export interface Random {
  /** An integer in `[0, bound)`. */
  int(bound: number): number;
  /** A number in `[0, 1)` with 32 random bits. */
  uniform(): number;
  /** A sample of the standard normal distribution (Box-Muller; one pair of uniforms a sample, so no hidden state). */
  normal(): number;
  /** The same items in random order (Fisher-Yates); the argument is left alone. */
  shuffle<T>(items: readonly T[]): T[];
  /** All that is needed to go on from here. */
  state(): RandomState;
}

/**
 * A generator from a seed (a 32-bit integer) or from a saved state.
 *
 * @example
 * ```ts
 * import { random } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * const rng = random(7);
 * rng.normal();
 * const again = random(rng.state());
 * assertEquals(again.uniform(), rng.uniform());
 * ```
 */
export function random(seed: number | RandomState): Random {
  const bits = typeof seed === "number" ? xoroshiro128plus(seed) : xoroshiro128plusFromState(seed);
  const uniform = () => (bits.next() >>> 0) / 2 ** 32;
  const int = (bound: number) => uniformInt(bits, 0, bound - 1);
  return {
    int,
    uniform,
    // 1 - u is in (0, 1], so the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: (items) => {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [out[i], out[j]] = [out[j], out[i]];
      }
      return out;
    },
    state: () => [...bits.getState()],
  };
}

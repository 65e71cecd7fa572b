/**
 * The seeded random generator of the toolkit, passed as an argument to every function that draws. The same seed gives
 * the same numbers on every backend, and a checkpoint can hold its state, a short list of integers.
 *
 * The bits come from `pure-rand` (xoroshiro128+); this file adds the distributions that the toolkit needs.
 */
import { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "npm:pure-rand@8.4.2/generator/xoroshiro128plus";

/** State of a generator, as {@linkcode Random.state} returns it: integers that survive JSON. */
export type RandomState = readonly number[];

/** A seeded random generator. */
export interface Random {
  /** Draws an integer in `[0, bound)`, uniformly. */
  int(bound: number): number;
  /** Draws a number in `[0, 1)`, uniformly, with 32 random bits. */
  uniform(): number;
  /**
   * Draws from the standard normal distribution (Box-Muller with one pair of uniforms a sample, so no hidden state).
   */
  normal(): number;
  /** Returns the items in random order (Fisher-Yates); the argument is not changed. */
  shuffle<T>(items: readonly T[]): T[];
  /** Returns the state from which {@linkcode random} continues this sequence. */
  state(): RandomState;
}

/**
 * Makes a generator from a seed, or continues one from a saved state.
 *
 * @param seed a 32-bit integer, or a state that {@linkcode Random.state} returned
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

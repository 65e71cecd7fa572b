/** Seeded draws of the campaigns. */
import { type Random, random } from "../../lib/tensors/random.ts";

/** Draws that are thrown away: the first of a generator hardly depend on its seed, the very first not at all. */
const thrownAway = 16;

/** Makes a generator whose first draw depends on its seed. */
export function seeded(seed: number): Random {
  const rng = random(seed);
  for (let i = 0; i < thrownAway; i++) rng.uniform();
  return rng;
}

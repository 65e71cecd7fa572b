/** The phis of a CLIP by their names. */
import type { Phi } from "../projection/phi.ts";

/** Returns a function that finds a phi by its name, and throws an error with the names that there are. */
export function phiLookup(phis: ReadonlyMap<string, Phi>): (name: string) => Phi {
  return (name) => {
    const found = phis.get(name);
    if (found) return found;
    throw new Error(`Reading a phi failed: there is none called "${name}"; there are ${[...phis.keys()].join(", ")}.`);
  };
}

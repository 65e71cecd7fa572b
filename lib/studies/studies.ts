/** All studies, in the order in which they are listed. */
import { components } from "./components.ts";
import { mainResults } from "./main_results.ts";
import type { Study } from "./study.ts";

/** All studies. */
export const studies: readonly Study[] = [mainResults, components];

/** Returns a study by its name. @throws {Error} if there is none */
export function findStudy(name: string): Study {
  const found = studies.find((study) => study.name === name);
  if (found) return found;
  const names = studies.map((study) => study.name).join(", ");
  throw new Error(`Finding the study "${name}" failed: there is none of this name; there are ${names}.`);
}

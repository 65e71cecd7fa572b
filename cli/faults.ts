/** Faults of a command's input; see `lib/io/faults.ts`. */
export { type Faults, faults } from "../lib/io/faults.ts";

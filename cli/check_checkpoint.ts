/** Whether there is a checkpoint to go on from, found out before anything is computed. */
import { isFile } from "../lib/io/read_file.ts";

/** @throws {Error} if there is no checkpoint */
export function checkCheckpoint(file: string): void {
  if (!isFile(file)) throw new Error(`Resuming failed: there is no checkpoint at ${file}; start without --resume.`);
}

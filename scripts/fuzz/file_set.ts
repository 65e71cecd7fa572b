/** A folder of good files in which one at a time is replaced by an input. */
import { dirname } from "node:path";
import type { Sample } from "./parser.ts";

/** The folder. */
export interface FileSet {
  /** Its path. */
  folder: string;
  /** Puts an input in the place of a file; the file that was replaced before is as it was. */
  replace(file: string, bytes: Uint8Array): void;
}

/** Writes the good files. @param samples the first of each file is the good one */
export function fileSet(folder: string, samples: readonly Sample[]): FileSet {
  const good = new Map<string, Uint8Array>();
  for (const { file, bytes } of samples) if (!good.has(file)) good.set(file, bytes);
  for (const [file, bytes] of good) {
    Deno.mkdirSync(dirname(`${folder}/${file}`), { recursive: true });
    Deno.writeFileSync(`${folder}/${file}`, bytes);
  }
  let replaced: string | undefined;
  return {
    folder,
    replace(file, bytes) {
      if (replaced !== undefined && replaced !== file) Deno.writeFileSync(`${folder}/${replaced}`, good.get(replaced)!);
      Deno.writeFileSync(`${folder}/${file}`, bytes);
      replaced = file;
    },
  };
}

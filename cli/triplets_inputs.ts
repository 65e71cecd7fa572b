/** The checks of what reads triplets, before the first row is read. */
import { isFile, isFolder } from "../lib/io/read_file.ts";
import { namedColumns } from "../lib/triplets/read/triplet_form.ts";
import type { Faults } from "./faults.ts";

/** Where triplets are. */
export interface TripletInputs {
  /** The file of triplets. */
  file: string;
  /** Names of its columns. */
  columns?: string;
  /** Files of captions. */
  captions?: readonly string[];
}

/** Adds what can be said against the files and names without reading them. */
export async function checkInputFiles(found: Faults, { file, columns, captions = [] }: TripletInputs): Promise<void> {
  for (const [what, path] of [["triplets", file], ...captions.map((one) => ["captions", one])]) {
    await found.check(`Reading ${path}`, () => {
      if (isFile(path)) return;
      const why = isFolder(path) ? `${path} is a folder; name a file in it` : `there is no file ${path}`;
      throw new Error(`Reading ${what} failed: ${why}.`);
    });
  }
  if (columns !== undefined) await found.check("Reading --columns", () => void namedColumns(columns));
}

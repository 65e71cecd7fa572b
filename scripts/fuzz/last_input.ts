/**
 * The input that is being read, kept on disk: an input that ends the process, as one out of memory does, is found
 * after.
 */
import { inFolder } from "../../lib/io/path.ts";
import { isFolder } from "../../lib/io/read_file.ts";

const encoder = new TextEncoder();

/** An input that a process read when it died. */
export interface LastInput {
  parser: string;
  seed: number;
  number: number;
}

/** Notes the number of each input before it is read. */
export interface Notebook extends Disposable {
  note(number: number): void;
}

/** Opens the notes on a parser; they stay behind if the process dies. @param folder made if it is missing */
export function openNotes(folder: string, parser: string, seed: number): Notebook {
  Deno.mkdirSync(folder, { recursive: true });
  const path = inFolder(folder, `${parser} ${seed}`), file = Deno.openSync(path, { write: true, create: true });
  return {
    note(number) {
      file.seekSync(0, Deno.SeekMode.Start);
      file.writeSync(encoder.encode(String(number).padStart(12)));
    },
    [Symbol.dispose]() {
      file.close();
      Deno.removeSync(path);
    },
  };
}

/** Takes the notes that processes left when they died. */
export function takeLastInputs(folder: string): LastInput[] {
  if (!isFolder(folder)) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => {
    const number = Number(Deno.readTextFileSync(inFolder(folder, name))), [parser, seed] = name.split(" ");
    Deno.removeSync(inFolder(folder, name));
    return { parser, seed: Number(seed), number };
  });
}

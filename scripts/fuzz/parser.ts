/** What a campaign of mutated inputs knows of a parser. */

/** How an input is mutated: its bytes, the values of its JSON, or its letters and lines. */
export type Form = "bytes" | "json" | "text";

/** A good input, or one that broke something once. */
export interface Sample {
  /** The file that it stands for, as the parser knows it: a path below the folder of a parser of several files. */
  file: string;
  /** How it is mutated. */
  form: Form;
  /** Its content. */
  bytes: Uint8Array;
}

/** A parser under test. */
export interface Parser {
  /** Inputs that are mutated in turn. */
  samples: Sample[];
  /** Texts of which every refusal has to contain one: the names of the file that was read. */
  names: readonly string[];
  /** Reads an input in the place of the sample's file. @throws {Error} if the parser refuses it */
  read(bytes: Uint8Array, file: string): unknown;
}

/** Makes a parser. @param scratch an empty folder of its own, for parsers that read files */
export type MakeParser = (scratch: string) => Parser | Promise<Parser>;

/** What a parser returned contradicts itself; not an `Error` proper, so that it is no refusal. */
export class Contradiction extends Error {
  /** @param kind the same for contradictions of one cause @param detail what was found */
  constructor(readonly kind: string, detail: unknown) {
    super(`${kind}: ${detail}`);
  }
}

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** A sample of bytes. */
export function bytesSample(file: string, bytes: Uint8Array): Sample {
  return { file, form: "bytes", bytes };
}

/** A sample of JSON. */
export function jsonSample(file: string, value: unknown): Sample {
  return { file, form: "json", bytes: encoder.encode(JSON.stringify(value)) };
}

/** A sample of text. */
export function textSample(file: string, text: string): Sample {
  return { file, form: "text", bytes: encoder.encode(text) };
}

/** Parses an input for parsers that take JSON values. @throws {Error} naming `file` where it is not JSON */
export function parsedJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new Error(`Reading ${file} failed: it is not JSON.`);
  }
}

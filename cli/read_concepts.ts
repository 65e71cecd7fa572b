/** The checks of `deno task phrases`, all of them before anything is asked. */
import { isFile, readText } from "../lib/io/read_file.ts";
import { cleanConcepts } from "../lib/projection/searle/generate_phrases.ts";
import { type Phrases, readPhrases } from "../lib/projection/searle/phrases.ts";
import { checkWritableFile } from "../lib/io/check_writable.ts";
import { faults } from "./faults.ts";

/** The options that are checked. */
export interface ConceptOptions {
  /** File of concepts, one a line. */
  concepts: string;
  /** File of phrases; "phrases.json" by default. */
  out?: string;
  endpoint: string;
  model?: string;
  estimate?: true;
}

/** Reads the concepts, and the phrases that are there already. @throws {Error} naming all faults */
export async function readConcepts(
  { concepts: file, out = "phrases.json", endpoint, model, estimate }: ConceptOptions,
): Promise<{ concepts: string[]; known: Phrases; out: string }> {
  const found = faults();
  const concepts = await found.check(`Reading ${file}`, async () => {
    const concepts = cleanConcepts((await readText("concepts", file)).split("\n"));
    if (concepts.length === 0) throw new Error(`Reading ${file} failed: it holds no concept; write one a line.`);
    return concepts;
  });
  const known = await found.check(`Reading ${out}`, () => isFile(out) ? readPhrases(out) : new Map());
  if (!URL.canParse(endpoint)) {
    found.add(`--endpoint "${endpoint}" is not an address, such as http://localhost:11434/v1.`);
  }
  if (!estimate) {
    await found.check(`Writing ${out}`, () => checkWritableFile(out));
    if (!model) found.add("--model is missing: the model's name at the endpoint.");
  }
  found.throwIfAny("Asking for phrases");
  return { concepts: concepts!, known: known!, out };
}

/** The checks of `deno task triplets make`, all of them before anything is made. */
import { checkWritableFile } from "../lib/io/check_writable.ts";
import { isFile } from "../lib/io/read_file.ts";
import { loadTriplets } from "../lib/triplets/load_triplets.ts";
import { type CaptionList, captionList } from "../lib/triplets/make/caption_list.ts";
import { inContextExamples } from "../lib/triplets/make/in_context_examples.ts";
import type { Dropped } from "../lib/triplets/make/made_triplet.ts";
import { readSourceCaptions } from "../lib/triplets/make/source_captions.ts";
import { pieceCounter, type TokenCounter } from "../lib/triplets/quality/token_count.ts";
import type { Triplet } from "../lib/triplets/triplet.ts";
import { faults } from "./faults.ts";
import type { Session } from "./session.ts";
import { clipTokenCounter } from "./triplets_tokens.ts";

/** Options as they are typed. */
export interface MakeOptions {
  method: "rule" | "difference" | "in-context";
  captions: string;
  out: string;
  count?: number;
  seed: number;
  clip?: string;
  leastCount?: number;
  spanWords?: number;
  sharedWords?: number;
  model?: string;
  endpoint?: string;
  examples?: string;
  shots?: number;
  temperature?: number;
  attempts?: number;
  parallel?: number;
  priceIn?: number;
  priceOut?: number;
  estimate?: true;
}

/** What is to be made, once all is checked. */
export interface Making {
  options: MakeOptions;
  /** The captions, each once. */
  list: CaptionList;
  /** Captions and pairs that are left out, by reason. */
  dropped: Dropped;
  /** Examples for the language model. */
  examples: readonly Triplet[];
  /** What counts tokens in the report. */
  tokens: TokenCounter;
  endpoint: string;
}

/** The options that one method has. */
const ofMethod = {
  leastCount: "rule",
  spanWords: "difference",
  sharedWords: "difference",
  model: "in-context",
  endpoint: "in-context",
  examples: "in-context",
  shots: "in-context",
  temperature: "in-context",
  attempts: "in-context",
  parallel: "in-context",
  priceIn: "in-context",
  priceOut: "in-context",
  estimate: "in-context",
} as const;

/** Checks the options and reads the captions. @throws {Error} naming all faults */
export async function checkMaking(options: MakeOptions, session: Session): Promise<Making> {
  const { method, captions, out, clip, model, endpoint = "http://localhost:11434/v1", examples, shots, estimate } =
    options;
  const found = faults(), dropped: Dropped = new Map(), list = captionList(dropped);
  for (const [name, belongsTo] of Object.entries(ofMethod)) {
    if (options[name as keyof MakeOptions] === undefined || belongsTo === method) continue;
    found.add(`${flagOf(name)} is for --method ${belongsTo}; leave it out with --method ${method}.`);
  }
  if (!estimate) {
    await found.check(`Writing ${out}`, () => {
      if (!isFile(out)) return checkWritableFile(out);
      throw new Error(`Writing ${out} failed: there is a file already; name another, or move it away.`);
    });
  }
  if (method === "in-context") {
    if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
      found.add(`--endpoint "${endpoint}" is not an address, such as http://localhost:11434/v1.`);
    }
    if (!model && !estimate) found.add("--model is missing: the model's name at the endpoint.");
  }
  const shown = examples ? await found.check(`Reading ${examples}`, () => readExamples(examples)) : inContextExamples;
  if (shown && shots !== undefined && shots > shown.length) {
    found.add(`--shots ${shots} is more than the ${shown.length} examples that there are.`);
  }
  const tokens = clip ? await found.check(`Reading ${clip}`, () => clipTokenCounter(clip)) : pieceCounter;
  await found.check(
    `Reading ${captions}`,
    () =>
      readSourceCaptions(
        captions,
        list.add,
        (done, size) => session.stage("reading captions", Math.round(done / 1e6), Math.round(size / 1e6), "MB"),
      ),
  );
  session.stageDone();
  found.throwIfAny("Making triplets");
  return { options, list, dropped, examples: shown!, tokens: tokens!, endpoint };
}

async function readExamples(file: string): Promise<Triplet[]> {
  const { triplets } = await loadTriplets(file);
  return [...triplets];
}

/** The option of a name: "--price-in" of "priceIn". */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

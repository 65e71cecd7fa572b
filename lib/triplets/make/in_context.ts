/** Triplets from a language model that sees a few examples, caption by caption. */
import type { OnProgress } from "../../io/on_progress.ts";
import type { Path } from "../../io/path.ts";
import { chat, type ChatEndpoint, type ChatOptions } from "../../llm/chat.ts";
import { inParallel } from "../../llm/in_parallel.ts";
import { openReplyLog, type ReplyLog } from "../../llm/reply_log.ts";
import { addUsage, type ChatUsage, estimatedTokens, noUsage } from "../../llm/usage.ts";
import { random } from "../../tensors/random.ts";
import type { Triplet } from "../triplet.ts";
import { inContextExamples } from "./in_context_examples.ts";
import { inContextPrompt, parseReply, refusals } from "./in_context_prompt.ts";
import { drop, type Dropped, type MadeTriplet } from "./made_triplet.ts";
import type { SourceCaption } from "./source_captions.ts";

/** What decides the requests. */
export interface InContextRequests {
  /** Seed of the order of the captions, of the examples that each sees, and of the requests. */
  seed: number;
  /** The triplets from which examples are drawn; {@linkcode inContextExamples} by default. */
  examples?: readonly Triplet[];
  /** Examples that a prompt shows (default 4). */
  shots?: number;
}

/** Options of {@linkcode inContextTriplets}. */
export interface InContextOptions extends InContextRequests, Omit<ChatOptions, "seed"> {
  /** File of the replies that are there already; every reply is added to it. */
  replies: Path;
  /** Triplets to make; one a caption by default. */
  count?: number;
  /** Requests for a caption before it counts as failed (default 4, as InstructPix2Pix). */
  attempts?: number;
  /** Requests in flight at once (default 4). */
  parallel?: number;
  /** Where captions that gave no triplet are counted. */
  dropped?: Dropped;
  /** Where replies that made no triplet are counted, by reason. */
  refused?: Dropped;
  /** Called after every caption, with the triplets made and those wanted. */
  onProgress?: OnProgress;
}

/** What {@linkcode inContextTriplets} made. */
export interface InContextResult extends ChatUsage {
  /** The triplets, in the order of the captions that the seed shuffled. */
  triplets: MadeTriplet[];
  /** Replies that were in the file already. */
  found: number;
}

/** What is to be asked for a caption. */
interface Task {
  order: number;
  caption: SourceCaption;
  prompt: string;
  /** Indices of the examples that the prompt shows. */
  shown: number[];
  requestSeed: number;
}

/**
 * Makes triplets with a language model: a prompt shows some examples and a reference, the reply has the conditioning
 * text and the target. A reply of another form, an empty text, a target that equals the reference, a conditioning text
 * that equals a caption, a text that CLIP would cut, and a copy of an example make no triplet: then the model is asked
 * again, with another seed.
 *
 * The triplets depend on the replies alone, not on which came first. Every reply is kept in the file `replies`, so that
 * a run that was killed goes on where it stopped, and one that asks for more asks for the rest only.
 *
 * @param captions of which no two are the same, with single spaces
 * @throws {Error} if an option is out of its range; if the endpoint cannot be reached, refuses, or the disk does:
 *   replies so far are in the file
 * @example
 * ```ts ignore
 * const list = captionList(new Map());
 * await readSourceCaptions("captions.txt", list.add);
 * const endpoint = { url: "http://localhost:11434/v1", model: "llama3.2" };
 * const { triplets } = await inContextTriplets(list.captions, endpoint, { replies: "made.replies", seed: 1, count: 100 });
 * await writeTriplets("made.jsonl", triplets);
 * ```
 */
export async function inContextTriplets(
  captions: readonly SourceCaption[],
  endpoint: ChatEndpoint,
  options: InContextOptions,
): Promise<InContextResult> {
  const { attempts = 4, parallel = 4, temperature = 0.7, count = captions.length, seed } = options;
  const { examples = inContextExamples, dropped = new Map(), refused = new Map(), onProgress = () => {} } = options;
  checkWhole({ attempts, parallel, shots: options.shots ?? 4 }, examples.length);
  using log = await openReplyLog(options.replies);
  const made: [order: number, triplet: MadeTriplet][] = [], result = { ...noUsage(), found: 0 };
  const wanted = Math.min(count, captions.length);

  async function ask({ order, caption, prompt, shown, requestSeed: first }: Task): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const requestSeed = first + attempt;
      const text = await reply(log, { model: endpoint.model, temperature, seed: requestSeed, prompt });
      const parsed = parseReply(text, caption.text, shown.map((index) => examples[index]));
      if ("refusal" in parsed) {
        drop(refused, refusals[parsed.refusal]);
        continue;
      }
      const { model } = endpoint, numbers = shown.map((index) => index + 1);
      const from = { captions: [caption.at], seed, requestSeed, model, examples: numbers, temperature };
      made.push([order, { reference: caption.text, ...parsed, provenance: { method: "in-context", ...from } }]);
      return;
    }
    drop(dropped, "caption for which no reply made a triplet");
  }
  async function reply(log: ReplyLog, key: { model: string; temperature: number; seed: number; prompt: string }) {
    const known = await log.find(key);
    if (known !== undefined) {
      result.found++;
      return known;
    }
    const answer = await chat(endpoint, key.prompt, { ...options, temperature, seed: key.seed });
    addUsage(result, answer);
    await log.add(key, answer.text);
    return answer.text;
  }
  let underWay = 0;
  // No caption is begun that those under way may make needless: so nothing is paid for in vain, and the triplets are
  // those of the shortest list of captions that gives enough, whichever reply comes first.
  const tasks = whileWanted(tasksOf(captions, options), () => made.length + underWay < wanted);
  await inParallel(tasks, parallel, async (task) => {
    underWay++;
    await ask(task).finally(() => underWay--);
    onProgress(made.length, wanted);
  });
  return { ...result, triplets: made.sort(([a], [b]) => a - b).map(([, triplet]) => triplet) };
}

/**
 * Estimates the tokens of a run in which every first reply makes a triplet, at four letters a token.
 *
 * @param count triplets to make
 */
export function estimateInContext(
  captions: readonly SourceCaption[],
  requests: InContextRequests & { count?: number },
): { requests: number; prompt: number; reply: number } {
  const wanted = Math.min(requests.count ?? captions.length, captions.length);
  let prompt = 0, reply = 0;
  for (const task of tasksOf(captions, requests).take(wanted)) {
    prompt += task.prompt.length;
    // Two labels, an instruction of about 45 letters, and a caption as long as the reference.
    reply += 27 + 45 + task.caption.text.length;
  }
  return { requests: wanted, prompt: estimatedTokens(prompt), reply: estimatedTokens(reply) };
}

/** The tasks while more are wanted. Unlike a generator it goes on after an end, if one under way has failed by then. */
function whileWanted(tasks: Iterator<Task>, isWanted: () => boolean): Iterable<Task> {
  return { [Symbol.iterator]: () => ({ next: () => isWanted() ? tasks.next() : { done: true, value: undefined } }) };
}

/** What is to be asked, caption by caption; the draws depend on the order alone. */
function* tasksOf(
  captions: readonly SourceCaption[],
  { seed, examples = inContextExamples, shots = 4 }: InContextRequests,
): Generator<Task, void, void> {
  const rng = random(seed), order = rng.shuffle(captions.keys().toArray()), indices = examples.keys().toArray();
  for (const [place, index] of order.entries()) {
    const caption = captions[index], shown = rng.shuffle(indices).slice(0, shots), requestSeed = rng.int(2 ** 30);
    const prompt = inContextPrompt(caption.text, shown.map((one) => examples[one]));
    yield { order: place, caption, prompt, shown, requestSeed };
  }
}

function checkWhole(values: Record<"attempts" | "parallel" | "shots", number>, examples: number): void {
  for (const [name, value] of Object.entries(values)) {
    const most = name === "shots" ? examples : Infinity;
    if (Number.isSafeInteger(value) && value >= 1 && value <= most) continue;
    const range = most === Infinity ? "of at least 1" : `from 1 to ${most}, the number of examples`;
    throw new Error(`Making triplets failed: ${name} is ${value}, expected a whole number ${range}.`);
  }
}

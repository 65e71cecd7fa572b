/** Makes triplets into a file, says what was left out, and reports on their quality. */
import denoJson from "../deno.json" with { type: "json" };
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { lockFile } from "../lib/io/file_lock.ts";
import { jsonHash } from "../lib/io/hash.ts";
import { clock } from "../lib/report/progress.ts";
import { differenceTriplets } from "../lib/triplets/make/difference.ts";
import { estimateInContext, inContextTriplets } from "../lib/triplets/make/in_context.ts";
import type { Dropped, MadeTriplet } from "../lib/triplets/make/made_triplet.ts";
import { ruleTriplets } from "../lib/triplets/make/rule.ts";
import { writeTriplets } from "../lib/triplets/make/write_triplets.ts";
import { inspectTriplets } from "../lib/triplets/quality/inspect.ts";
import { readTriplets } from "../lib/triplets/read/read_triplets.ts";
import { loadTagger } from "../lib/triplets/tagger.ts";
import type { Session } from "./session.ts";
import type { Making } from "./triplets_make_checks.ts";
import { qualityText } from "./triplets_quality_text.ts";
import { readingText, whole } from "./triplets_reading_text.ts";

/** Makes the triplets of checked options, or says what they would take. */
export async function makeTriplets(making: Making, session: Session): Promise<void> {
  const { options, list, dropped, tokens } = making, { method, out, seed } = options;
  if (method === "in-context" && (sayEstimate(making), options.estimate)) return;
  using _lock = await lockFile(out, "Making triplets");
  const started = performance.now();
  session.whenStopped("Stopped; no triplet was written.");
  const made = method === "in-context" ? await byLanguageModel(making, session) : await byTagger(making, session);
  const file = `${out.replace(/\.jsonl$/, "")}.provenance.json`, seconds = (performance.now() - started) / 1000;
  const record = {
    command: ["deno task triplets", ...Deno.args].join(" "),
    toolkit: denoJson.version,
    method,
    seed,
    captions: { file: options.captions, used: list.captions.length, hash: list.hash() },
    ...(method === "in-context" ? { examples: await jsonHash(making.examples) } : {}),
    triplets: made,
    leftOut: Object.fromEntries(dropped),
  };
  await writeAtomically(file, JSON.stringify(record, null, 1) + "\n");
  const asked = options.count === undefined || made === options.count
    ? ""
    : ` of the ${whole(options.count)} that were asked for`;
  console.log(
    `${whole(made)} triplets${asked} from ${whole(list.captions.length)} captions in ${clock(seconds)}: ${out}`,
  );
  sayCounts("Left out", dropped);
  const reader = readTriplets(out, {
    signal: session.signal,
    onProgress: (done, total, note) => session.stage("inspecting", done, total, note),
  });
  const quality = await inspectTriplets(reader, { tokens, seed, row: reader.row });
  session.stageDone();
  console.log(`\n${readingText(reader.report())}\n\n${qualityText(quality)}`);
}

/** Makes and writes triplets by rule or from pairs; returns their number. */
async function byTagger({ options, list, dropped }: Making, session: Session): Promise<number> {
  const { method, out, seed, count, leastCount, spanWords, sharedWords } = options, tag = await loadTagger();
  const onProgress = (done: number, total: number, note?: string) =>
    session.stage(note === "made" ? "making triplets" : "looking at captions", done, total);
  const common = { tag, seed, count, dropped, onProgress };
  const triplets: AsyncIterable<MadeTriplet> = method === "rule"
    ? ruleTriplets(list.captions, { ...common, leastCount })
    : differenceTriplets(list.captions, { ...common, spanWords, sharedWords });
  const made = await writeTriplets(out, triplets);
  session.stageDone();
  return made;
}

/** Makes and writes triplets with a language model; returns their number. */
async function byLanguageModel(
  { options, list, dropped, examples, endpoint }: Making,
  session: Session,
): Promise<number> {
  const { out, model, shots, temperature, attempts, parallel, seed, count } = options, refused: Dropped = new Map();
  const replies = `${out}.replies`;
  session.whenStopped(`Stopped; the replies are kept in ${replies}. To go on: ${session.commandLine()}`);
  const key = Deno.env.get("OPENAI_API_KEY"), bar = session.progress("asking for triplets");
  try {
    const result = await inContextTriplets(list.captions, { url: endpoint, model: model!, key }, {
      ...{ replies, seed, count, examples, shots, temperature, attempts, parallel, dropped, refused },
      onProgress(done, total) {
        session.signal.throwIfAborted();
        bar.update(done, total);
      },
      onRetry: (reason, seconds) => console.error(`${reason}; again in ${seconds} s`),
    });
    bar.done();
    const { requests, promptTokens, replyTokens, found, triplets } = result;
    console.log(
      `${whole(requests)} requests, ${whole(promptTokens)} prompt tokens, ${whole(replyTokens)} reply tokens; ` +
        `${whole(found)} replies were in ${replies}, which can be removed once no more triplets are wanted.`,
    );
    sayCounts("Replies refused", refused);
    return await writeTriplets(out, triplets);
  } catch (error) {
    bar.done();
    sayCounts("Replies refused", refused);
    if (session.signal.aborted || !(error instanceof Error)) throw error;
    throw new Error(`${error.message} The replies are kept in ${replies}; the same command goes on from there.`, {
      cause: error,
    });
  }
}

function sayEstimate({ options: { seed, shots, count, priceIn = NaN, priceOut = NaN }, list, examples }: Making): void {
  const { requests, prompt, reply } = estimateInContext(list.captions, { seed, shots, count, examples });
  const cost = (priceIn * prompt + priceOut * reply) / 1e6;
  console.log(
    `${whole(requests)} triplets take at least as many requests: about ${whole(prompt)} prompt tokens and ` +
      `${whole(reply)} reply tokens` + (Number.isNaN(cost) ? "" : `, about ${cost.toFixed(2)} at the prices given`) +
      ".",
  );
}

function sayCounts(title: string, counts: Dropped): void {
  if (counts.size === 0) return;
  console.log(`${title}:`);
  for (const [reason, count] of counts) console.log(`  ${whole(count)}: ${reason}`);
}

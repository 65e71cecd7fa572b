/** Tells how many texts a model cannot read to their end. */
import { countLongTexts } from "../lib/clip/count_long_texts.ts";
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { composedPrompt } from "../lib/projection/prompts.ts";
import type { Session } from "./session.ts";
import type { TrainTask } from "./train_task.ts";

/** Milliseconds after which progress is shown. */
const quick = 1000;

/** Triplets between two signs of progress. */
const part = 2000;

/** Counts the texts that fill the context, triplets' and captions to keep, and prints the count if there are any. */
export async function sayLongTexts(
  clip: Clip,
  { triplets, keptCaptions }: Pick<TrainTask, "triplets" | "keptCaptions">,
  session: Session,
): Promise<void> {
  const started = performance.now();
  let count = keptCaptions ? countLongTexts(clip, keptCaptions.captions) : 0;
  for (let from = 0; from < triplets.length; from += part) {
    const to = Math.min(from + part, triplets.length), texts: string[] = [];
    for (let at = from; at < to; at++) {
      const { reference, conditioning, target } = triplets.at(at);
      texts.push(reference, composedPrompt(conditioning), target);
    }
    count += countLongTexts(clip, texts);
    session.signal.throwIfAborted();
    if (performance.now() - started > quick) session.stage("measuring texts", to, triplets.length);
    await session.yield();
  }
  session.stageDone();
  if (count === 0) return;
  const { context } = clip.config.text;
  console.log(`${count} texts fill the ${context} tokens that the model reads; longer ones are cut`);
}

/** Tells how many texts a model cannot read to their end. */
import { countLongTexts } from "../lib/clip/count_long_texts.ts";
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { counted } from "../lib/io/counted.ts";
import { composedPrompt } from "../lib/projection/prompts.ts";
import type { Session } from "./session.ts";
import type { TrainTask } from "./train_task.ts";

/** Milliseconds after which progress is shown. */
const quick = 1000;

/** Triplets and captions between two signs of progress. */
const part = 2000;

/** Counts the texts that fill the context, triplets' and captions to keep, and prints the count if there are any. */
export async function sayLongTexts(
  clip: Clip,
  { triplets, keptCaptions }: Pick<TrainTask, "triplets" | "keptCaptions">,
  session: Session,
): Promise<void> {
  const started = performance.now(), kept = keptCaptions?.captions ?? [], total = triplets.length + kept.length;
  let count = 0;
  for (let from = 0; from < total; from += part) {
    const to = Math.min(from + part, total);
    // The captions stand behind the triplets.
    const [first, last] = [from, to].map((at) => Math.max(0, at - triplets.length)), texts = kept.slice(first, last);
    for (let at = from; at < Math.min(to, triplets.length); at++) {
      const { reference, conditioning, target } = triplets.at(at);
      texts.push(reference, composedPrompt(conditioning), target);
    }
    count += countLongTexts(clip, texts);
    session.signal.throwIfAborted();
    if (performance.now() - started > quick) session.stage("measuring texts", to, total);
    await session.yield();
  }
  session.stageDone();
  if (count === 0) return;
  const { context } = clip.config.text;
  console.log(
    `${counted(count, "text fills", "texts fill")} the ${context} tokens that the model reads; longer ones are cut`,
  );
}

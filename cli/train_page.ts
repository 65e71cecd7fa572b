/** Writes the page of `deno task train`. */
import { describeDevice } from "../lib/backend/device.ts";
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { loadTextEncoder } from "../lib/clip/files/text_folder.ts";
import type { ValidatedTraining } from "../lib/evaluation/validated_training.ts";
import type { Validator } from "../lib/evaluation/validator.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { evenly } from "../lib/io/evenly.ts";
import type { Phi } from "../lib/projection/phi.ts";
import { benchmarkCards } from "../lib/report/benchmark_cards.ts";
import type { MetricsLine } from "../lib/report/metrics_log.ts";
import { type TrainingPage, trainingPage } from "../lib/report/training_page.ts";
import { disposeWeights } from "../lib/tensors/weights.ts";
import { keptText, runFiles, type TrainTask } from "./train_task.ts";

/** What the page is made of. */
export interface PageInputs {
  task: TrainTask;
  result: Omit<ValidatedTraining, "textWeights">;
  lines: readonly MetricsLine[];
  clip: Clip;
  phi: Phi;
  validator?: Validator;
}

/** Writes the page. @returns what is wrong with images of the validation, which leaves its queries out */
export async function writeTrainingPage(inputs: PageInputs): Promise<string | undefined> {
  const { task, result, lines, clip, phi, validator } = inputs, { recipe, validation } = task;
  const cards = validator ? await cardsOf(inputs, validator) : undefined;
  const fault = cards && "why" in cards ? cards.why : undefined;
  const { optimizer, schedule, ...choices } = recipe;
  const written = Object.entries({ ...choices, ...optimizer, ...schedule }).map(([name, value]) => `${name} ${value}`);
  const kept = keptText(task);
  const text = await trainingPage({
    lines,
    losses: result.losses,
    validations: result.validations,
    ...(validation && cards && {
      validated: {
        name: [`${validation.data.benchmark} ${validation.data.split}`, ...validation.data.marks].join(", "),
        queries: validation.data.parts.reduce((sum, { queries }) => sum + queries.length, 0),
        stamps: validation.data.stamps,
        bestBy: validation.bestBy,
        best: result.best,
        cards,
      },
    }),
    facts: [
      ["Recipe", written.join("; ")],
      [
        "Triplets",
        `${task.reading.file}: ${task.reading.triplets} of ${task.reading.rows} rows (${task.reading.form})` +
        (task.incompleteBatch === "drop" ? "; incomplete batches dropped" : ""),
      ],
      ...(kept ? [["Captions kept", kept] as const] : []),
      ["CLIP", `${task.clip}, SHA-256 of the weights ${clip.hash.slice(0, 16)}`],
      ["phi", `${task.phi} (${phi.method}, input ${phi.input}), SHA-256 ${phi.hash.slice(0, 16)}`],
      ["Encoder", task.encoder],
      ["Device", describeDevice(task.device)],
      ...(result.devices.length > 1 ? [["Devices of the steps", result.devices.join("; ")] as const] : []),
    ],
  });
  await writeAtomically(runFiles(task.out).page, text);
  return fault;
}

/** Ranks some queries with the frozen and the best encoder and draws them. */
async function cardsOf(
  { task: { validation, out }, result, clip }: PageInputs,
  validator: Validator,
): Promise<NonNullable<TrainingPage["validated"]>["cards"]> {
  const { data } = validator, queries = data.parts.reduce((sum, part) => sum + part.queries.length, 0);
  const chosen = evenly(queries, validation!.show), files = runFiles(out);
  if (chosen.length === 0) return { html: "" };
  const { weights } = await loadTextEncoder(clip, result.best ? files.best : files.last);
  try {
    const [before, after] = [await validator.rank(chosen), await validator.rank(chosen, weights)];
    return {
      html: await benchmarkCards(data, [{ name: "before", results: before }, { name: "after", results: after }]),
    };
  } catch (error) {
    return {
      why: error instanceof Error ? `Drawing the validation queries failed: ${error.message}` : String(error),
    };
  } finally {
    disposeWeights(weights);
  }
}

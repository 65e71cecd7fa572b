/** `deno task reproduce`, once its options are checked: the list, or one study. */
import { counted } from "../lib/io/counted.ts";
import { runStudy } from "../lib/studies/run_study.ts";
import { saveStudy } from "../lib/studies/save_study.ts";
import { listStudies } from "../lib/studies/study_list.ts";
import { unusedFiles } from "../lib/studies/run_cache.ts";
import { studyNotes, unusedNote } from "../lib/studies/study_notes.ts";
import type { Study } from "../lib/studies/study.ts";
import { studies } from "../lib/studies/studies.ts";
import { jupyterDisplay } from "../lib/report/display.ts";
import { duration } from "../lib/training/time_left.ts";
import { wrapText } from "../lib/report/wrap_text.ts";
import type { ReproduceTask } from "./reproduce_checks.ts";
import type { Session } from "./session.ts";

/** Prints what each study asks, its runs, and how long the unfinished ones take here. */
export async function printList(task: ReproduceTask, session: Session): Promise<void> {
  const listed = await listStudies(task.testbed, studies, task);
  for (const { study, runs, cached, notRun, secondsLeft } of listed) {
    session.signal.throwIfAborted();
    const time = cached === runs
      ? "nothing left to compute"
      : secondsLeft === undefined
      ? "how long the rest takes is unknown before the first run of each kind here"
      : `about ${duration(secondsLeft)} for the rest on this device, by the runs of the cache`;
    const table = study.paper ? ` (${study.paper.table})` : "";
    console.log(`\n${study.name}${table}: ${study.asks}`);
    console.log(
      `  ${counted(runs, "run")}, ${cached} of them cached; ${time}${
        notRun > 0 ? `; cannot be run here: ${notRun}` : ""
      }`,
    );
  }
  const unused = await unusedFiles(task.cache);
  if (unused.length > 0) console.log(`\n${unusedNote(unused)}`);
}

/** Runs a study, prints its tables and writes its files. */
export async function runReproduction(task: ReproduceTask & { study: Study }, session: Session): Promise<void> {
  const { testbed, study, shard, out } = task;
  session.whenStopped(
    `Stopped; finished runs are cached, and one in progress has a checkpoint. To go on: ${session.commandLine()}`,
  );
  const bar = session.progress(study.name);
  const result = await runStudy(testbed, study, {
    ...task,
    signal: session.signal,
    async onProgress({ doing, done, total, secondsLeft }) {
      bar.update(Math.round(100 * done) / 100, total, doing, secondsLeft);
      await session.yield();
    },
  });
  bar.done();
  if (shard) {
    const others = counted(result.unfinished, "run of other shares is", "runs of other shares are");
    console.log(`share ${shard.index} of ${shard.of} is done; ${others} not`);
  }
  console.log(`\n${study.title}\n${study.asks}\n\n${result.table().text()}`);
  for (const line of result.directions()) console.log(line);
  for (const { title, note, shows } of await study.more?.(result) ?? []) {
    console.log(`\n${title}${note ? `\n${note}` : ""}\n\n${(await shows[jupyterDisplay]())["text/plain"]}`);
  }
  console.log();
  for (const note of studyNotes(result)) console.log(wrapText(note, 120).join("\n"));
  console.log(`\nwritten: ${(await saveStudy(result, out)).join(", ")}`);
}

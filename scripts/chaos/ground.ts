/** Where a command is disturbed: folders with its inputs, its undisturbed results, and the checks after each end. */
import type { Random } from "../../lib/tensors/random.ts";
import { type Ended, refusalFault, type Running, sentenceOf, type StartOptions, startTask } from "./start_task.ts";
import type { Subject } from "./subjects.ts";
import { differences, fingerprint, leftovers, tornFiles } from "./whole_files.ts";

/** What came of one kind of disturbance. */
export interface Outcome {
  command: string;
  disturbance: string;
  /** Disturbances that happened. */
  tried: number;
  /** Runs that ended with the undisturbed results. */
  same: number;
  /** Runs that were refused in one sentence. */
  refused: number;
  /** What should not have happened. */
  findings: string[];
  /** Something to know, such as why it was skipped or an example of the refusals. */
  note: string;
}

/** The ground of one command. */
export interface Ground {
  subject: Subject;
  rng: Random;
  /** Milliseconds of an undisturbed run. */
  duration: number;
  /** Makes a folder with the inputs. @param name of the folder */
  folder(name?: string): Promise<string>;
  start(args: readonly string[], cwd: string, options?: Partial<StartOptions>): Running;
  /** Looks whether a run was refused well or completed, and notes it; after completion the results must be the same. */
  judge(outcome: Outcome, ended: Ended, cwd: string): "completed" | "refused" | "broken";
  /** Notes every file at a final path that is torn. */
  checkWhole(outcome: Outcome, cwd: string): void;
  /** Runs the command until it completes: on from what is there, else anew. */
  complete(outcome: Outcome, cwd: string, options?: Partial<StartOptions>): Promise<void>;
  outcome(disturbance: string): Outcome;
}

/** Makes the ground: runs the command once undisturbed. @throws {Error} if that fails */
export async function makeGround(subject: Subject, rng: Random, scratch: string): Promise<Ground> {
  let made = 0;
  const folder = async (name = "plain") => {
    const path = `${scratch}/${++made}/${name}`;
    await Deno.mkdir(path, { recursive: true });
    await subject.prepare(path);
    return path;
  };
  const start: Ground["start"] = (args, cwd, options = {}) =>
    startTask(subject.task, args, { cwd, ...options, env: { ...subject.env(cwd), ...options.env } });
  const cwd = await folder(), started = performance.now(), first = await start(subject.args, cwd).ended;
  if (first.code !== 0) throw new Error(`Running ${subject.task} undisturbed failed: ${sentenceOf(first)}`);
  const duration = performance.now() - started, reference = fingerprint(cwd, subject.results);
  await Deno.remove(cwd, { recursive: true });

  const judge: Ground["judge"] = (outcome, ended, cwd) => {
    if (ended.code === 0 && ended.signal === null) {
      const different = differences(reference, fingerprint(cwd, subject.results));
      if (different.length === 0) outcome.same++;
      else outcome.findings.push(`other results: ${different.join("; ")}`);
      return different.length === 0 ? "completed" : "broken";
    }
    const fault = refusalFault(ended);
    if (fault === undefined) {
      outcome.refused++;
      outcome.note ||= sentenceOf(ended);
      return "refused";
    }
    outcome.findings.push(fault);
    return "broken";
  };
  return {
    subject,
    rng,
    duration,
    folder,
    start,
    judge,
    checkWhole(outcome, cwd) {
      outcome.findings.push(...tornFiles(cwd).map((torn) => `torn: ${torn}`));
    },
    async complete(outcome, cwd, options) {
      const on = await start(subject.again, cwd, options).ended, how = judge(outcome, on, cwd);
      if (how === "refused") {
        const anew = await start(subject.args, cwd, options).ended;
        // What is cached of inputs that changed is refused with the advice to delete it.
        const again = anew.code !== 0 && await forget(subject, cwd)
          ? await start(subject.args, cwd, options).ended
          : anew;
        if (again.code !== 0) outcome.findings.push(`blocked: ${sentenceOf(again)}`);
        else judge(outcome, again, cwd);
      }
      const left = leftovers(cwd).length;
      if (left > 0) outcome.note = `up to ${left} temporary files stay behind`;
    },
    outcome: (disturbance) => ({
      command: subject.task,
      disturbance,
      tried: 0,
      same: 0,
      refused: 0,
      findings: [],
      note: "",
    }),
  };
}

async function forget({ caches }: Subject, cwd: string): Promise<boolean> {
  for (const cache of caches) await Deno.remove(`${cwd}/${cache}`, { recursive: true }).catch(() => {});
  return caches.length > 0;
}

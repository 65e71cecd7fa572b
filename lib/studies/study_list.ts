/** The list of studies: what each asks, its runs, how many are cached, and how long the others take. */
import type { Path } from "../io/path.ts";
import { type PlanOptions, planStudy } from "./plan.ts";
import type { PlannedRun } from "./planned.ts";
import { cachedRuns } from "./run_study.ts";
import type { StudyRun } from "./study_run.ts";
import type { Study } from "./study.ts";
import type { Testbed } from "./testbed.ts";

/** One study on the list. */
export interface ListedStudy {
  /** The study. */
  study: Study;
  /** Number of its runs. */
  runs: number;
  /** Number of those that are finished. */
  cached: number;
  /** Number of parts that the testbed cannot run. */
  notRun: number;
  /** Seconds that the unfinished runs take on this device, by like runs of the cache; undefined if there are none. */
  secondsLeft?: number;
}

/** Lists studies. Runs that several studies share count in each of them. */
export async function listStudies(
  testbed: Testbed,
  studies: readonly Study[],
  { cache, ...options }: PlanOptions & { cache: Path },
): Promise<ListedStudy[]> {
  const plans = [];
  for (const study of studies) {
    const plan = await planStudy(testbed, study, options);
    plans.push({ study, plan, finished: await cachedRuns(plan.runs, cache) });
  }
  const known = plans.flatMap(({ plan, finished }) =>
    plan.runs.map((planned) => ({ planned, run: finished.get(planned.key) })).filter(({ run }) => run !== undefined)
  ) as { planned: PlannedRun; run: StudyRun }[];
  return plans.map(({ study, plan, finished }) => {
    const missing = plan.runs.filter(({ key }) => !finished.has(key));
    const seconds = missing.map((run) => secondsOf(run, known));
    return {
      study,
      runs: plan.runs.length,
      cached: plan.runs.length - missing.length,
      notRun: plan.notRun.length,
      ...(seconds.every((one) => one !== undefined) ? { secondsLeft: seconds.reduce((sum, one) => sum + one, 0) } : {}),
    };
  });
}

/** Estimates a run by finished ones of the same CLIP: seconds of a step by triplets, and of an evaluation by queries. */
function secondsOf(
  planned: PlannedRun,
  known: readonly { planned: PlannedRun; run: StudyRun }[],
): number | undefined {
  const { clip, training } = planned, like = known.filter(({ planned }) => planned.clip === clip);
  const evaluation = mean(
    like.map(({ planned, run }) => run.seconds.evaluation / evaluationsOf(planned)),
  );
  if (evaluation === undefined) return undefined;
  const evaluations = evaluation * evaluationsOf(planned);
  if (!training) return evaluations;
  const steps = mean(
    like.filter(({ planned }) => planned.training?.method === training.method)
      .map(({ planned, run }) => run.seconds.training / run.steps / batchOf(planned)),
  );
  return steps === undefined ? undefined : evaluations + steps * training.recipe.steps * batchOf({ training });
}

/** Queries that are evaluated, over all evaluations. */
function evaluationsOf({ queries, at, shares = [] }: PlannedRun): number {
  return queries.length * (at.length + shares.length);
}

/** Triplets of a step; naive losses have a batch of their own. */
function batchOf({ training }: Pick<PlannedRun, "training">): number {
  return training?.method === "RTD" ? training.recipe.batch : 1;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

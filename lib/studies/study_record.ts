/** A study's answer as JSON: `deno task table` reads it beside the results of evaluations. */
import denoJson from "../../deno.json" with { type: "json" };
import type { Metrics } from "../evaluation/metrics.ts";
import { isObject } from "../io/json_values.ts";
import type { StudyResult } from "./study_result.ts";
import { evaluationOf, rowName, scoresOf, type StudyRow } from "./study_rows.ts";
import { devicesOf } from "./study_run.ts";
import { meanAndSpread } from "./sweep.ts";
import type { TestbedBenchmark } from "./testbed.ts";

/** Returns the content of a study's `result.json`: every figure, the mean over a row's seeds, with all it depends on. */
export function studyRecord(result: StudyResult): Record<string, unknown> {
  const { study, testbed, recipe, rows, notRun, unfinished } = result;
  const used = new Set(rows.map(({ clip }) => clip)),
    devices = rows.flatMap(({ finished }) => finished).flatMap(devicesOf);
  return {
    task: "reproduce",
    study: study.name,
    testbed: testbed.name,
    recipe,
    clips: testbed.clips.filter(({ name }) => used.has(name)).map((
      { name, identity, backbone, preprocessing, phis },
    ) => ({ name, identity, backbone, preprocessing, phis: phis.map(({ name, hash }) => ({ name, hash })) })),
    benchmarks: testbed.benchmarks.map((
      { name, split, headline, protocol, gallery, queries, hash, stamps, record },
    ) => ({
      ...{ name, split, headline, protocol, gallery, queries: queries.length, hash, stamps },
      ...(record && { record }),
    })),
    plain: testbed.plain,
    notRun,
    unfinished: unfinished > 0 ? unfinished : undefined,
    devices: [...new Map(devices.map((device) => [JSON.stringify(device), device])).values()],
    versions: { deno: Deno.version.deno, toolkit: denoJson.version },
    rows: rows.map((row) => rowRecord(row, testbed.benchmarks)),
  };
}

function rowRecord(row: StudyRow, benchmarks: readonly TestbedBenchmark[]): Record<string, unknown> {
  const figures = benchmarks.flatMap((benchmark): [string, unknown][] => {
    const metrics = meanOver(scoresOf(row, benchmark.name).map(({ metrics }) => metrics));
    return metrics ? [[benchmark.name, byPart(metrics, benchmark)]] : [];
  });
  // Plain retrieval depends on the encoder and not on the query: it stands with a row's first.
  const plain = row.queryIndex > 0 ? [] : row.finished.map((run) => evaluationOf(row, run).plain);
  return {
    clip: row.clip,
    phi: row.phi,
    name: rowName(row),
    method: row.query.method,
    step: row.step,
    seeds: row.finished.length,
    benchmarks: Object.fromEntries(figures),
    plain: meanOver(plain.filter((one) => one !== undefined)),
  };
}

/** The mean of each figure over runs; undefined without any. */
function meanOver(runs: readonly Metrics[]): Metrics | undefined {
  if (runs.length === 0) return undefined;
  return Object.fromEntries(
    Object.keys(runs[0]).map((name) => [name, meanAndSpread(runs.map((metrics) => metrics[name])).mean]),
  );
}

/** Figures as an evaluation records them: those of each part, and of several the means. */
function byPart(metrics: Metrics, { name, record }: TestbedBenchmark): Record<string, unknown> {
  const parts = isObject(record?.counts) ? Object.keys(record.counts).filter((part) => part !== "checked") : [name];
  if (parts.length === 1) return { parts: { [parts[0]]: { metrics } } };
  const entries = Object.entries(metrics), own = (part: string) => `${part}, `;
  return {
    parts: Object.fromEntries(parts.map((part) => [part, {
      metrics: Object.fromEntries(
        entries.filter(([figure]) => figure.startsWith(own(part)))
          .map(([figure, value]) => [figure.slice(own(part).length), value]),
      ),
    }])),
    mean: Object.fromEntries(entries.filter(([figure]) => !parts.some((part) => figure.startsWith(own(part))))),
  };
}

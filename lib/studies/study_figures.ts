/** Reads the figures of a study from the JSON that `saveStudy` writes, for tables of several results. */
import { isObject } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { shown } from "../io/shown.ts";
import { choicesOf, partFigures, protocolOf, readJson, type ResultFigure } from "../report/results_table.ts";

/**
 * Reads the figures of a study from its `result.json`: means over seeds. Those on a benchmark that `evaluate` knows have
 * the protocol that `evaluate` gives them.
 *
 * @param folder with a `result.json` of `deno task reproduce`
 * @throws {Error} if there is none, or it is no result of a study
 */
export async function readStudyFigures(folder: Path, run: string): Promise<ResultFigure[]> {
  const file = inFolder(folder, "result.json"), json = await readJson(file);
  if (!isObject(json) || json.task !== "reproduce" || ![json.rows, json.clips, json.benchmarks].every(Array.isArray)) {
    throw new Error(`Reading ${file} failed: it is no result of a study; name a folder that reproduce has written.`);
  }
  const protocols = new Map(listed(json.benchmarks).map((one) => [String(one.name), protocolOfBenchmark(one)]));
  const clips = new Map(listed(json.clips).map((clip) => [clip.name, clip]));
  return (json.rows as unknown[]).flatMap((row): ResultFigure[] => {
    if (!isObject(row) || typeof row.name !== "string" || !isObject(row.benchmarks)) {
      throw new Error(`Reading ${file} failed: ${shown(row)} is no row with benchmarks; run the study again.`);
    }
    const { preprocessing } = clips.get(row.clip) ?? {};
    const name = [
      [row.clip, row.phi, row.name].filter((part) => part !== undefined).join(", "),
      ...(Number(row.seeds) > 1 ? [`mean of ${row.seeds} seeds`] : []),
      ...choicesOf({ preprocessing }, String(row.method)),
      ...(json.unfinished === undefined ? [] : ["INCOMPLETE study"]),
    ].join("; ");
    const figures = Object.entries(row.benchmarks).flatMap(([benchmark, parts]) => {
      const protocol = protocols.get(benchmark);
      if (protocol !== undefined && isObject(parts)) return partFigures({ run, row: name, protocol }, parts);
      throw new Error(`Reading ${file} failed: it does not describe the benchmark ${benchmark}; run the study again.`);
    });
    const of = { run, row: name, protocol: `plain retrieval of ${json.testbed}; data ${hashOf(json.plain)}` };
    return [...figures, ...partFigures(of, { parts: { "plain retrieval": { metrics: row.plain } } })];
  });
}

/** Says what decides whether figures on a benchmark of a testbed are comparable. */
function protocolOfBenchmark(benchmark: Record<string, unknown>): string {
  const { name, split, protocol, gallery, queries, record, stamps } = benchmark;
  if (isObject(record)) return protocolOf(record);
  return [
    `${name} (${split})`,
    ...[protocol, `gallery ${gallery}`, `${queries} queries counted`, `data ${hashOf(benchmark)}`],
    ...(Array.isArray(stamps) ? stamps : []),
  ].join("; ");
}

function hashOf(of: unknown): string {
  return String(isObject(of) ? of.hash : undefined).slice(0, 8);
}

function listed(value: unknown): Record<string, unknown>[] {
  return (value as unknown[]).filter(isObject);
}

/** Writes and checks submissions to the evaluation servers of CIRR and CIRCO. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { isObject } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { shown } from "../io/shown.ts";
import { keptResults, type RankingResult } from "./rank_part.ts";

/** Number of images of a CIRR subset that the server expects. */
const subsetSize = 3;

/** A kind of submission: the server, and for CIRR the metric. */
export type SubmissionKind = "CIRR recall" | "CIRR recall_subset" | "CIRCO";

/** What {@linkcode writeSubmissions} writes. */
export interface SubmissionOptions {
  /** The part of CIRR or CIRCO. */
  part: BenchmarkPart;
  /** One for each query of the part. */
  results: readonly RankingResult[];
  /** Inserted in the names of the files, such as "-captions"; none by default. */
  label?: string;
}

/**
 * Writes a part's submission into a folder, each file completely or not at all.
 *
 * @param folder made if it is missing
 * @returns paths of the files: two for CIRR, one for CIRCO
 * @throws {Error} if the benchmark has no server, or a query was skipped
 */
export async function writeSubmissions(
  folder: Path,
  { part, results, label = "" }: SubmissionOptions,
): Promise<string[]> {
  const skipped = results.find((result) => result.skipped);
  if (skipped) {
    throw new Error(`Writing a submission failed: query ${skipped.query} was skipped, for ${skipped.skipped}.`);
  }
  const files: Record<string, Record<string, unknown>> = {};
  if (part.benchmark === "cirr") {
    const version = "rc2";
    const lists = (ids: (result: RankingResult) => string[]) =>
      Object.fromEntries(results.map((result) => [result.query, ids(result)]));
    files[`cirr-${part.split}${label}-recall.json`] = { version, metric: "recall", ...lists(({ top }) => top) };
    files[`cirr-${part.split}${label}-recall_subset.json`] = {
      version,
      metric: "recall_subset",
      ...lists(({ group }) => group!.slice(0, subsetSize)),
    };
  } else if (part.benchmark === "circo") {
    files[`circo-${part.split}${label}.json`] = Object.fromEntries(
      results.map(({ query, top }) => [query, top.map(Number)]),
    );
  } else throw new Error(`Writing a submission failed: ${part.benchmark} has no server; its targets are public.`);
  for (const [name, content] of Object.entries(files)) {
    await writeAtomically(inFolder(folder, name), JSON.stringify(content));
  }
  return Object.keys(files).map((name) => inFolder(folder, name));
}

/** Result of checking a submission. */
export interface SubmissionCheck {
  /** The kind of the submission. */
  kind: SubmissionKind;
  /** Number of queries in it. */
  queries: number;
  /** One sentence for each rule of the server that it breaks; empty if it is valid. */
  faults: string[];
}

/**
 * Checks a submission against its server's rules.
 *
 * @param text content of the submission
 * @param name of the submission in messages
 * @param part the part that it is for, whose queries and images it must name; absent: only the form is checked
 * @throws {Error} if the file is no JSON object
 */
export function checkSubmission(text: string, name: string, part?: BenchmarkPart): SubmissionCheck {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`Checking ${name} failed: it is not JSON.`);
  }
  if (!isObject(json)) {
    throw new Error(`Checking ${name} failed: it is no object from queries to results.`);
  }
  const { version, metric, ...results } = json;
  // CIRR's images are names, CIRCO's are numbers: a file for CIRR that lacks its two fields is one for CIRR still.
  const lists = Object.values(results).filter(Array.isArray);
  const named = lists.length > 0 &&
    lists.every((list) => list.length > 0 && list.every((id) => typeof id === "string"));
  const cirr = version !== undefined || metric !== undefined || named, faults: string[] = [];
  const subset = metric === "recall_subset" ||
    metric === undefined && named && lists.every((list) => list.length === subsetSize);
  const kind: SubmissionKind = !cirr ? "CIRCO" : subset ? "CIRR recall_subset" : "CIRR recall";
  if (cirr && version !== "rc2") faults.push(`"version" is ${shown(version)}, expected "rc2".`);
  if (cirr && metric !== "recall" && metric !== "recall_subset") {
    faults.push(`"metric" is ${shown(metric)}, expected "recall" or "recall_subset".`);
  }
  const wanted = kind === "CIRR recall_subset" ? subsetSize : keptResults;
  const known = part && new Map(part.queries.map((query) => [query.id, query]));
  const gallery = part && new Set(part.gallery);
  if (part && part.benchmark !== (cirr ? "cirr" : "circo")) {
    faults.push(`It is a submission to ${kind}, checked against ${part.benchmark} ${part.split}.`);
  }
  for (const [query, list] of Object.entries(results)) {
    const say = (fault: string) => faults.push(`Query ${shown(query).slice(1, -1)}: ${fault}.`);
    if (known && !known.has(query)) say("there is no such query");
    if (!Array.isArray(list)) {
      say("its results are no list");
      continue;
    }
    const fits = cirr ? (id: unknown) => typeof id === "string" : Number.isInteger;
    if (!list.every(fits)) say(`its results are not all ${cirr ? "names" : "whole numbers"}`);
    if (list.length !== wanted) say(`it has ${list.length} results, expected ${wanted}`);
    if (new Set(list).size !== list.length) say("an image stands in its list twice");
    const unknown = gallery && list.filter(fits).find((id) => !gallery.has(String(id)));
    if (unknown !== undefined) say(`there is no image ${shown(unknown)}`);
    const own = known?.get(query);
    if (cirr && own && list.includes(own.reference)) say("its own reference is among the results");
    if (kind === "CIRR recall_subset" && own) {
      if (!own.group) say("the benchmark gives it no group");
      else if (list.some((id) => !own.group!.includes(id))) say("an image outside its group is among the results");
    }
  }
  const absent = known ? [...known.keys()].filter((id) => !Object.hasOwn(results, id)) : [];
  if (absent.length > 0) faults.push(`${absent.length} queries have no results, the first is ${absent[0]}.`);
  if (Object.keys(results).length === 0) faults.push("It has no query.");
  return { kind, queries: Object.keys(results).length, faults };
}

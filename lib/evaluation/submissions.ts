/** Files for the evaluation servers of CIRR and CIRCO, and the servers' rules. */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import { keptResults, type RankingResult } from "./rank_part.ts";

/** Images of a CIRR subset that the server takes. */
const subsetAnswers = 3;

/** Kinds of submission. */
export type SubmissionKind = "CIRR recall" | "CIRR recall_subset" | "CIRCO";

/**
 * Writes a part's submission into a folder, each file whole or not at all.
 * @param label stands in the files' names, such as what the images were replaced by
 * @returns the files written: two for CIRR, one for CIRCO
 * @throws {Error} if the benchmark has no server, or a query was skipped
 */
export async function writeSubmissions(
  part: BenchmarkPart,
  results: readonly RankingResult[],
  folder: Path,
  label = "",
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
      ...lists(({ group }) => group!.slice(0, subsetAnswers)),
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

/** The kind of a submission, and what its server would refuse. */
export interface SubmissionCheck {
  /** Which server and which of its files. */
  kind: SubmissionKind;
  /** Number of queries that it answers. */
  queries: number;
  /** One sentence each; none is a good submission. */
  faults: string[];
}

/**
 * Checks a submission against its server's rules.
 *
 * @param part the benchmark that it answers, to know which queries and images there are; absent, only the form is
 *   checked
 * @throws {Error} if the file is no JSON object
 */
export function checkSubmission(text: string, name: string, part?: BenchmarkPart): SubmissionCheck {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`Checking ${name} failed: it is not JSON.`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error(`Checking ${name} failed: it is no object from queries to answers.`);
  }
  const { version, metric, ...answers } = json as Record<string, unknown>;
  const cirr = version !== undefined || metric !== undefined, faults: string[] = [];
  const kind: SubmissionKind = !cirr ? "CIRCO" : metric === "recall_subset" ? "CIRR recall_subset" : "CIRR recall";
  if (cirr && version !== "rc2") faults.push(`"version" is ${JSON.stringify(version)}, expected "rc2".`);
  if (cirr && metric !== "recall" && metric !== "recall_subset") {
    faults.push(`"metric" is ${JSON.stringify(metric)}, expected "recall" or "recall_subset".`);
  }
  const wanted = kind === "CIRR recall_subset" ? subsetAnswers : keptResults;
  const known = part && new Map(part.queries.map((query) => [query.id, query]));
  const gallery = part && new Set(part.gallery);
  if (part && part.benchmark !== (cirr ? "cirr" : "circo")) {
    faults.push(`It is a submission to ${kind}, checked against ${part.benchmark} ${part.split}.`);
  }
  for (const [query, list] of Object.entries(answers)) {
    const say = (fault: string) => faults.push(`Query ${query}: ${fault}.`);
    if (known && !known.has(query)) say("there is no such query");
    if (!Array.isArray(list)) {
      say("its answer is no list");
      continue;
    }
    const named = cirr ? (id: unknown) => typeof id === "string" : Number.isInteger;
    if (!list.every(named)) say(`its answers are not all ${cirr ? "names" : "whole numbers"}`);
    if (list.length !== wanted) say(`it has ${list.length} answers, expected ${wanted}`);
    if (new Set(list).size !== list.length) say("an image stands in its list twice");
    const unknown = gallery && list.find((id) => !gallery.has(String(id)));
    if (unknown !== undefined) say(`there is no image ${JSON.stringify(unknown)}`);
    const asked = known?.get(query);
    if (cirr && asked && list.includes(asked.reference)) say("its own reference is among the answers");
    if (kind === "CIRR recall_subset" && asked && list.some((id) => !asked.group!.includes(id))) {
      say("an image outside its group is among the answers");
    }
  }
  const absent = known ? [...known.keys()].filter((id) => !Object.hasOwn(answers, id)) : [];
  if (absent.length > 0) faults.push(`${absent.length} queries have no answer, the first is ${absent[0]}.`);
  if (Object.keys(answers).length === 0) faults.push("It answers no query.");
  return { kind, queries: Object.keys(answers).length, faults };
}

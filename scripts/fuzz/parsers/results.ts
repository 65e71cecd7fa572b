/** Parsers of what an evaluation writes: ranking results, submissions, and the record of finished rows. */
import type { BenchmarkPart } from "../../../lib/benchmarks/benchmark.ts";
import { compareResults, readResults, resultsText } from "../../../lib/evaluation/ranking_results.ts";
import type { RankingResult } from "../../../lib/evaluation/rank_part.ts";
import { checkSubmission } from "../../../lib/evaluation/submissions.ts";
import { openRowFiles } from "../../../lib/report/row_files.ts";
import { Contradiction, jsonSample, type MakeParser, textSample } from "../parser.ts";

const ids = Array.from({ length: 60 }, (_, i) => `image-${i}`);

/** Results of JSON lines; those that are read are compared with themselves. */
export const results: MakeParser = (scratch) => {
  const made: RankingResult[] = [1, 2, 3].map((query) => ({
    part: "cirr",
    query: String(query),
    ranks: [query],
    top: ids.slice(0, 3),
    group: ids.slice(0, 5),
    groupRank: query,
  }));
  const skipped: RankingResult = {
    part: "cirr",
    query: "4",
    ranks: [null],
    top: [],
    skipped: "its reference is missing",
  };
  const rows = [...made, skipped].map((row) => JSON.stringify(row));
  return {
    samples: [
      textSample("results.jsonl", resultsText([...made, skipped])),
      ...rows.map((row) => jsonSample("results.jsonl", JSON.parse(row))),
    ],
    names: ["results.jsonl", "Comparing results failed"],
    async read(bytes, file) {
      Deno.writeFileSync(`${scratch}/${file}`, bytes);
      const read = await readResults(`${scratch}/${file}`);
      for (const metric of ["R@1", "Rs@1", "mAP@5"]) {
        const { before, after, won, lost } = compareResults({ before: read, after: read, metric, seed: 1, draws: 10 });
        const figures = `${metric}: ${before} and ${after}`;
        if (!(before >= 0 && before <= 100 && after === before)) {
          throw new Contradiction("a figure is out of range", figures);
        }
        if (won.length + lost.length > 0) throw new Contradiction("results differ from themselves", figures);
      }
    },
  };
};

/** The part that submissions are checked against. */
const part: BenchmarkPart = {
  benchmark: "cirr",
  split: "test1",
  part: "cirr",
  gallery: ids,
  images: new Map(ids.map((id) => [id, { paths: [id] }])),
  queries: [1, 2].map((id) => ({
    id: String(id),
    reference: ids[0],
    texts: ["x"],
    targets: [],
    excluded: [ids[0]],
    group: ids.slice(1, 6),
  })),
};

/** Submissions, with and without the split that they are for. */
export const submissions: MakeParser = () => {
  const answers = (list: unknown) => ({ 1: list, 2: list });
  return {
    samples: [
      { version: "rc2", metric: "recall", ...answers(ids.slice(1, 51)) },
      { version: "rc2", metric: "recall_subset", ...answers(ids.slice(1, 4)) },
      answers(Array.from({ length: 50 }, (_, i) => i)),
    ].map((json) => jsonSample("submission.json", json)),
    names: ["submission.json"],
    read(bytes, file) {
      const text = new TextDecoder().decode(bytes);
      for (const against of [undefined, part]) {
        const { faults } = checkSubmission(text, file, against);
        const long = faults.find((fault) => fault.length > 1000 || /[\n\r]/.test(fault));
        if (long !== undefined) throw new Contradiction("a fault is no sentence", long.slice(0, 100));
      }
    },
  };
};

/** `run.json`, from which an evaluation goes on. */
export const runRecord: MakeParser = (scratch) => {
  const configuration = { benchmark: "cirr", limit: null, prompt: { orders: "mean of all" } };
  // SHA-256 of no bytes, as which the row's file is written below.
  const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  return {
    samples: [jsonSample("run.json", { configuration, finished: { "text only": hash, "phi + text": hash } })],
    names: ["run.json", "text-only.jsonl"],
    async read(bytes, file) {
      Deno.writeFileSync(`${scratch}/${file}`, bytes);
      Deno.writeTextFileSync(`${scratch}/text-only.jsonl`, resultsText([]));
      using rowFiles = await openRowFiles(scratch, { configuration, resume: true });
      await rowFiles.finished("text only", "made");
    },
  };
};

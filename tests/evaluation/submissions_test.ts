import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { checkSubmission, writeSubmissions } from "../../lib/evaluation/submissions.ts";

const gallery = Array.from({ length: 60 }, (_, i) => `p${i}`);
const images = new Map(gallery.map((id) => [id, { paths: [`${id}.png`] }]));
const cirr: BenchmarkPart = {
  benchmark: "cirr",
  split: "test1",
  part: "cirr",
  gallery,
  images,
  queries: [7, 8].map((id) => ({
    id: String(id),
    reference: `p${id}`,
    texts: ["x"],
    targets: [],
    excluded: [`p${id}`],
    group: ["p1", "p2", "p3", "p4", "p5"],
  })),
};
const numbers = gallery.map((_, i) => String(i));
const circo: BenchmarkPart = {
  ...cirr,
  benchmark: "circo",
  split: "test",
  part: "circo",
  gallery: numbers,
  queries: cirr.queries.map((query, i) => ({ ...query, id: String(i), group: undefined })),
};
const resultsOf = (part: BenchmarkPart): RankingResult[] =>
  part.queries.map(({ id, reference }) => ({
    part: part.part,
    query: id,
    ranks: [],
    top: part.gallery.filter((image) => image !== reference).slice(0, 50),
    group: ["p2", "p1", "p3", "p5", "p4"],
  }));

Deno.test("writeSubmissions: what is written passes the servers' rules", async () => {
  const folder = await Deno.makeTempDir();
  for (const [part, kinds] of [[cirr, ["CIRR recall", "CIRR recall_subset"]], [circo, ["CIRCO"]]] as const) {
    const files = await writeSubmissions(folder, { part, results: resultsOf(part) });
    const checks = await Promise.all(
      files.map(async (file) => checkSubmission(await Deno.readTextFile(file), file, part)),
    );
    assertEquals(
      checks.map(({ kind, queries, faults }) => [kind, queries, faults]),
      kinds.map((kind) => [kind, 2, []]),
    );
  }
  const recall = JSON.parse(await Deno.readTextFile(`${folder}/cirr-test1-recall.json`));
  assertEquals([recall.version, recall.metric, recall["7"].length], ["rc2", "recall", 50]);
  const subset = JSON.parse(await Deno.readTextFile(`${folder}/cirr-test1-recall_subset.json`));
  assertEquals([subset.metric, subset["8"]], ["recall_subset", ["p2", "p1", "p3"]]);
  assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/circo-test.json`))["1"].slice(0, 2), [0, 1]);
  const skipped = resultsOf(cirr).map((answer) => ({ ...answer, skipped: "its reference is missing" }));
  await assertRejects(
    () => writeSubmissions(folder, { part: cirr, results: skipped }),
    Error,
    "query 7 was skipped, for its reference",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("checkSubmission: a broken submission of each kind is refused with its reason", () => {
  const top = resultsOf(cirr)[0].top, good = { version: "rc2", metric: "recall", 7: top, 8: resultsOf(cirr)[1].top };
  const faults = (content: unknown, part?: BenchmarkPart) => checkSubmission(JSON.stringify(content), "f", part).faults;
  assertEquals(faults(good, cirr), []);
  const broken: [unknown, string][] = [
    [{ ...good, version: "rc1" }, '"version" is "rc1", expected "rc2".'],
    [{ 7: good[7], 8: good[8] }, '"version" is undefined, expected "rc2".'],
    [{ 7: good[7], 8: good[8] }, '"metric" is undefined, expected "recall" or "recall_subset".'],
    [{ 7: ["p1", "p2", "p3"], 8: ["p1", "p2", "p3"] }, '"metric" is undefined, expected "recall" or "recall_subset".'],
    [{ ...good, metric: "precision" }, '"metric" is "precision", expected "recall" or "recall_subset".'],
    [{ ...good, 7: top.slice(1) }, "Query 7: it has 49 results, expected 50."],
    [{ ...good, 7: [top[0], ...top.slice(0, 49)] }, "Query 7: an image stands in its list twice."],
    [{ ...good, 7: ["nobody", ...top.slice(1)] }, 'Query 7: there is no image "nobody".'],
    [{ ...good, 7: ["p7", ...top.slice(1)] }, "Query 7: its own reference is among the results."],
    [{ ...good, 7: [3, ...top.slice(1)] }, "Query 7: its results are not all names."],
    [{ ...good, 7: "p1" }, "Query 7: its results are no list."],
    [{ ...good, 99: top }, "Query 99: there is no such query."],
    [{ version: "rc2", metric: "recall", 8: good[8] }, "1 queries have no results, the first is 7."],
    [{ version: "rc2", metric: "recall" }, "It has no query."],
    [{ ...good, metric: "recall_subset" }, "Query 7: it has 50 results, expected 3."],
    [
      { version: "rc2", metric: "recall_subset", 7: ["p1", "p2", "p9"], 8: ["p1", "p2", "p3"] },
      "Query 7: an image outside its group is among the results.",
    ],
    [{ 0: [1, 2, 3], 1: [] }, "It is a submission to CIRCO, checked against cirr test1."],
  ];
  for (const [content, fault] of broken) {
    const found = faults(content, cirr);
    assert(found.includes(fault), `${fault} is not among ${found.join(" ")}`);
  }
  const subset = { version: "rc2", metric: "recall_subset", 7: ["p1", "p2", "p3"], 8: ["p1", "p2", "p3"] };
  assertEquals(faults(subset, cirr), []);
  const ungrouped = { ...cirr, queries: cirr.queries.map((query) => ({ ...query, group: undefined })) };
  assertEquals(faults(subset, ungrouped), [7, 8].map((id) => `Query ${id}: the benchmark gives it no group.`));
  const numbered = Object.fromEntries(resultsOf(circo).map(({ query, top }) => [query, top.map(Number)]));
  assertEquals(faults(numbered, circo), []);
  assert(
    faults({ ...numbered, 0: numbered[0].map(String) }, circo).includes(
      "Query 0: its results are not all whole numbers.",
    ),
  );
  assert(
    faults({ ...numbered, 0: [999, ...numbered[0].slice(1)] }, circo).includes("Query 0: there is no image 999."),
  );
  assertThrows(() => checkSubmission("{", "f"), Error, "Checking f failed: it is not JSON.");
  assertThrows(() => checkSubmission("[1]", "f"), Error, "it is no object from queries to results");
});

/** Exported predictions: the files, and their figures by MTEB's own scorer beside ours. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import type { BenchmarkName } from "../../lib/benchmarks/benchmark.ts";
import { type BenchmarkData, openBenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import { figuresOf } from "../../lib/evaluation/evaluation_row.ts";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { filePath } from "../../lib/io/path.ts";
import { writeMtebFiles } from "../../lib/report/mteb_files.ts";
import { makeCirco, makeCirr, makeFashioniq, makeGenecis } from "../benchmarks/miniature.ts";
import { layouts, rankMade, shared, sharedIsThere, wholeAnnotations } from "../evaluation/agreement.ts";

const root = filePath(new URL("../../", import.meta.url)), python = `${root}.venv/reference/bin/python`;
// In a function of its own: a program that is not there throws at once, not in the promise.
const scorerIsThere = async () =>
  (await new Deno.Command(python, { args: ["-c", "import pytrec_eval"], stderr: "null" }).output()).code === 0;
const ready = await scorerIsThere().catch(() => false);
if (!ready) console.log("skipped below: MTEB's scorer is not installed (deno task reference)");

/** Opens annotations without image files. */
async function opened(benchmark: BenchmarkName, folder: string): Promise<BenchmarkData> {
  const all: ReadonlyMap<string, readonly string[]> = { has: () => true, get: () => ["an image"] } as never;
  const data = await openBenchmarkData({ benchmark, root: folder, counts: "as-found", captions: all });
  return { ...data, captions: undefined };
}

/** Exports made results of one row and returns its figures by us and by MTEB's scorer, by part. */
async function bothFigures(data: BenchmarkData, folder: string, change = (results: RankingResult[]) => results) {
  // Weaker queries than over the whole annotations: among 40 images all would be found.
  const golden = { ...wholeAnnotations().golden, strength: 0.2 };
  let results: RankingResult[] = [];
  for (const part of data.parts) results.push(...await rankMade(part, part.part, golden));
  results = change(results);
  const { parts, mean } = figuresOf(data.parts, results);
  const row = { name: "phi + text", method: "phi + text" as const, fineTuned: false, results, parts, mean };
  const files = await writeMtebFiles(folder, { data, rows: [row] }, "abc");
  const { stdout, stderr } = await new Deno.Command(python, { args: [`${root}tests/report/mteb_scores.py`, folder] })
    .output();
  const text = new TextDecoder();
  assert(stdout.length > 0, text.decode(stderr));
  const theirs: Record<string, Record<string, number>> = JSON.parse(text.decode(stdout)).rows["phi-text"];
  return { files, ours: parts, theirs };
}

async function inTempFolder(work: (folder: string) => Promise<void>): Promise<void> {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir();
  await work(folder).finally(() => Deno.remove(folder, { recursive: true }));
}

const makers = { cirr: makeCirr, fashioniq: makeFashioniq, genecis: makeGenecis } as const;

for (const [name, make] of Object.entries(makers)) {
  Deno.test({
    name: `writeMtebFiles: R@k of ${name} is the hit rate of MTEB's scorer`,
    ignore: !ready,
    fn: () =>
      inTempFolder(async (folder) => {
        await make(`${folder}/data`, false);
        const data = await opened(name as BenchmarkName, `${folder}/data`);
        const { ours, theirs } = await bothFigures(data, `${folder}/mteb`);
        let compared = 0;
        for (const [part, { metrics }] of Object.entries(ours)) {
          const subset = theirs[data.parts.length === 1 ? "default" : part];
          for (const [metric, value] of Object.entries(metrics)) {
            const k = metric.match(/^R@(\d+)$/)?.[1];
            if (k === undefined) continue;
            // MTEB rounds to five decimals of a share.
            if (subset[`HitRate@${k}`] !== undefined) {
              assertAlmostEquals(value, subset[`HitRate@${k}`], 0.001), compared++;
            }
          }
        }
        assert(compared >= 2 * data.parts.length);
        assert(Object.values(ours).some(({ metrics }) => Object.values(metrics).some((v) => v > 0 && v < 100)));
      }),
  });
}

Deno.test({
  name: "writeMtebFiles: mAP@k is MTEB's where no query has more than k targets, and a skipped query is missed",
  ignore: !ready,
  fn: () =>
    inTempFolder(async (folder) => {
      await makeCirco(`${folder}/data`, false);
      const data = await opened("circo", `${folder}/data`);
      const skip = (results: RankingResult[]) =>
        results.map((result, i) =>
          i === 3 ? { ...result, top: [], ranks: result.ranks.map(() => null), skipped: "made" } : result
        );
      const { ours, theirs, files } = await bothFigures(data, `${folder}/mteb`, skip);
      for (const k of [5, 10, 25, 50]) {
        assertAlmostEquals(ours.circo.metrics[`mAP@${k}`], theirs.default[`MAP@${k}`], 0.001);
      }
      assertEquals(files.map((file) => file.slice(`${folder}/mteb/`.length)), [
        "data/corpus.jsonl",
        "data/queries.jsonl",
        "data/qrels.jsonl",
        "README.md",
        "predictions/phi-text/circo-val_predictions.json",
      ]);
      const lines = (await Deno.readTextFile(files[2])).trim().split("\n").map((line) => JSON.parse(line));
      const [{ id, targets }] = data.parts[0].queries;
      assertEquals(lines[0], { "query-id": id, "corpus-id": targets[0], score: 1 });
      const predicted = JSON.parse(await Deno.readTextFile(files[4]));
      assertEquals(Object.keys(predicted.default.val).length, data.parts[0].queries.length);
      const scores = Object.values<number>(predicted.default.val[id]).sort((a, b) => b - a);
      assertEquals(scores.slice(0, 3), [1, 1 / 2, 1 / 3]);
    }),
});

Deno.test({
  name: "writeMtebFiles: over CIRCO's annotations mAP@25 and @50 are MTEB's; of more targets than k MTEB asks for all",
  ignore: !ready || !sharedIsThere,
  fn: () =>
    inTempFolder(async (folder) => {
      await Deno.mkdir(`${folder}/data`);
      const { circo } = await layouts(`${folder}/data`, shared);
      const data = await opened("circo", circo), { ours, theirs } = await bothFigures(data, `${folder}/mteb`);
      const most = Math.max(...data.parts[0].queries.map(({ targets }) => targets.length));
      assertEquals([most > 10, most <= 25], [true, true]);
      for (const k of [25, 50]) {
        assertAlmostEquals(ours.circo.metrics[`mAP@${k}`], theirs.default[`MAP@${k}`], 0.001);
      }
      // MTEB divides by the number of targets, CIRCO by at most k of them.
      assert(ours.circo.metrics["mAP@5"] > theirs.default["MAP@5"] + 0.01);
    }),
});

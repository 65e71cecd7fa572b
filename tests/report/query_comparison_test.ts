import { assert, assertEquals } from "@std/assert";
import type { BenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import { queryComparison } from "../../lib/report/query_comparison.ts";

Deno.test("queryComparison: a card a query, with captions where they stand for images, and a line as text", async () => {
  const captions = new Map([["a", ["a red <apple>"]], ["b", ["a green apple"]], ["c", ["a pear"]]]);
  const query = { id: "7", reference: "a", texts: ["is green"], targets: ["b"], excluded: ["a"] };
  const part = {
    ...{ benchmark: "cirr", split: "val", part: "cirr", gallery: ["a", "b", "c"], images: new Map() },
    queries: [query],
  };
  const data = { parts: [part], files: [], captions } as unknown as BenchmarkData;
  const result = (ranks: number[], top: string[]) => ({ part: "cirr", query: "7", ranks, top }) as RankingResult;
  const comparison = await queryComparison(data, [[result([2], ["c", "b"])], [result([1], ["b", "c"])]]);
  assertEquals(comparison.text(), 'a + "is green": rank 2 before, 1 after');
  const html = comparison.html();
  assert(html.includes("a red &lt;apple&gt;") && html.includes("before: <b>rank 2</b>"), html);
  const [before, after] = html.split("after: <b>rank 1</b>").map((half) =>
    half.indexOf('<li class="correct">a green apple')
  );
  assert(before > html.indexOf("a pear") && after >= 0);
  assertEquals(await comparison[jupyterDisplay](), { "text/html": html, "text/plain": comparison.text() });
});

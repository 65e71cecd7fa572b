import { assertEquals, assertStringIncludes } from "@std/assert";
import { emojiQueries } from "../../../lib/emoji/data/benchmark.ts";
import { queryGrid } from "../../../lib/emoji/report/query_grid.ts";
import { smallBenchmark } from "../small_benchmark.ts";

Deno.test("queryGrid: frames correct images and says the ranks", async () => {
  const benchmark = await smallBenchmark();
  const [query] = emojiQueries(benchmark, "test");
  const first = benchmark.images.noto.codes.slice(0, 5).map((code) => `noto/${code}`);
  const before = { rank: 7, top: first };
  const after = { rank: 1, top: [`noto/${query.target.code}`, ...first.slice(1)] };
  const svg = queryGrid(benchmark, [{ query, text: query.texts.seen, before, after }]).svg();
  assertEquals(svg.match(/stroke="#009e73"/g)?.length, 1);
  for (const text of ["#7", "#1", ...query.reference.caption.split(" ")]) assertStringIncludes(svg, text);
});

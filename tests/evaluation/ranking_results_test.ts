import { assertEquals, assertRejects } from "@std/assert";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { readResults, resultsText } from "../../lib/evaluation/ranking_results.ts";

const results: RankingResult[] = [
  { part: "cirr", query: "1", ranks: [2], top: ["a", "b"], group: ["b", "a"], groupRank: 1 },
  { part: "cirr", query: "2", ranks: [null], top: [], skipped: "its reference is missing" },
];
const ofInstance: RankingResult = { part: "icir", query: "0", gallery: "tower", ranks: [3, 1], top: ["a"] };

Deno.test("readResults: gives back what resultsText wrote, and reads version 0.1's unasked as skipped", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, resultsText(results));
  assertEquals(await readResults(file), results);
  await Deno.writeTextFile(file, resultsText([ofInstance]));
  assertEquals(await readResults(file), [ofInstance]);
  const old = '{"part":"cirr","query":"1","ranks":[2],"top":["a","b"],"group":["b","a"],"groupRank":1}\n' +
    '{"part":"cirr","query":"2","ranks":[null],"top":[],"unasked":"its reference is missing"}\n';
  await Deno.writeTextFile(file, old);
  assertEquals(await readResults(new URL(`file://${file}`)), results);
  await Deno.remove(file);
});

Deno.test("readResults: a line that is no result, or a second one, is refused by its number", async () => {
  const file = await Deno.makeTempFile(), [line] = resultsText(results).split("\n");
  const broken: [string, string][] = [
    [`${line}\n{"part":`, `line 2 of ${file} is not JSON`],
    [
      `${line}\n{"part":"cirr","query":"2"}\n`,
      `line 2 of ${file} is no ranking result: it needs part, query, ranks and top`,
    ],
    [`${line}\n7\n`, `line 2 of ${file} is no ranking result`],
    [`${line}\n${line}\n`, `line 2 of ${file} is a second result of the query "cirr/1"`],
    ...[-7, 0, 1.5, '"1"'].map((rank): [string, string] => [
      `{"part":"cirr","query":"1","ranks":[${rank}],"top":[]}\n`,
      `line 1 of ${file} has the rank ${rank}; ranks are counted from 1, or null`,
    ]),
    [line.replace('"groupRank":1', '"groupRank":-7'), `line 1 of ${file} has the rank -7`],
    [JSON.stringify({ ...ofInstance, gallery: 3 }), `line 1 of ${file} has the gallery 3, which is no name`],
    ["\n", `${file} has no line; run \`evaluate\` again`],
  ];
  for (const [text, sentence] of broken) {
    await Deno.writeTextFile(file, text);
    await assertRejects(() => readResults(file), Error, sentence);
  }
  await Deno.remove(file);
  await assertRejects(() => readResults(file), Error, `there is no file ${file}`);
});

import { assert, assertEquals } from "@std/assert";
import { paperAblation, paperFigure } from "../../lib/studies/paper.ts";
import { studies } from "../../lib/studies/studies.ts";

Deno.test("paperFigure: a figure with what it is of and where it was seen; none where none was seen or two contradict", () => {
  const wanted = { backbone: "ViT-L/14", dataset: "CIRCO", split: "test", metric: "mAP@10" };
  const found = paperFigure({ ...wanted, method: "LinCIR + RTD" })!;
  assertEquals([found.value, found.of], [18.11, "CIRCO test mAP@10, ViT-L/14"]);
  assert(found.source.startsWith("leaderboard mirror: "));
  assertEquals(paperFigure({ ...wanted, method: "SEARLE + RTD" }), undefined);
  // The published figure and a re-run.
  assertEquals(paperFigure({ ...wanted, method: "Pic2Word" }), undefined);
  assertEquals(paperFigure({ ...wanted, method: "Pic2Word", table: "Pic2Word paper / SEARLE paper" })?.value, 9.51);
});

Deno.test("paperAblation: the values of Table 6 that were seen, the full method's not among them", () => {
  assertEquals(paperAblation("Table 6", "row 4")?.value, 39.64);
  assertEquals(paperAblation("Table 6", "row 6 (full)"), undefined);
  assertEquals(paperAblation("Table 7", "rule-based")?.value, 2.85);
});

Deno.test("studies: each name once; claims name variants of the study", () => {
  assertEquals(new Set(studies.map(({ name }) => name)).size, studies.length);
  for (const { name, variants, paper } of studies) {
    if (typeof variants === "function") continue;
    const names = ["frozen", ...variants.map((variant) => variant.name)];
    for (const { better, than } of paper?.claims ?? []) {
      assert(names.includes(better) && names.includes(than), `${name}: ${better}, ${than}`);
    }
  }
});

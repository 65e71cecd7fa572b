import { assert, assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { jupyterDisplay } from "../../lib/report/display.ts";
import { emojiTestbed } from "../../lib/studies/emoji_testbed.ts";
import { planStudy } from "../../lib/studies/plan.ts";
import { batchNearness, refinedBatches } from "../../lib/studies/refined_batches.ts";
import { scenesBatches } from "../../lib/studies/scenes_sources.ts";
import { madeRows } from "./made_rows.ts";

await useDevice("wasm");
const testbed = await emojiTestbed({ queries: 6 });

Deno.test("batchNearness: shared words with the nearest target, the own reference and the nearest other reference", () => {
  const found = batchNearness([
    { reference: "red apple", conditioning: "is green", target: "green apple" },
    { reference: "a dog", conditioning: "is a cat", target: "a green cat" },
  ]);
  assertEquals(found, { target: 1 / 4, ownReference: (1 / 3 + 1 / 4) / 2, otherReference: 0 });
});

Deno.test("refinedBatches: the same batch for all, each source with RB over the same without it", async () => {
  const { runs, rows, notRun } = await planStudy(testbed, refinedBatches, { seeds: [1] });
  assertEquals(notRun, []);
  const tuned = rows.filter(({ step }) => step > 0);
  assertEquals(tuned.map(({ variant, against }) => [variant, against]), [
    ["edits, no RB", "frozen"],
    ["edits, RB", "edits, no RB"],
    ["edits, no RB, twice the triplets", "edits, no RB"],
    ["edits, siblings, no RB", "frozen"],
    ["edits, siblings, RB", "edits, siblings, no RB"],
    ["edits, no siblings, no RB", "frozen"],
    ["edits, no siblings, RB", "edits, no siblings, no RB"],
  ]);
  const recipes = runs.map(({ training }) => training?.method === "RTD" ? training.recipe : undefined).filter((one) =>
    one
  );
  assertEquals(
    recipes.map((recipe) => [recipe!.batch, recipe!.refinedBatches]),
    [[32, false], [32, true], [64, false], [32, false], [32, true], [32, false], [32, true]],
  );
  assertEquals(new Set(runs.map(({ key }) => key)).size, runs.length);
});

Deno.test("refinedBatches: the captions of batches with siblings are nearer than those without, in both embedded testbeds", async () => {
  const [section] = await refinedBatches.more!({ testbed, recipe: testbed.recipe, rows: [] });
  const text = String((await section.shows[jupyterDisplay]())["text/plain"]);
  const nearest = text.split("\n").slice(2).map((line) => Number(line.split(/ {2,}/)[1]));
  const [, siblings, apart] = nearest;
  assert(siblings > apart + 0.05, text);
  const [together, alone] = await Promise.all(
    scenesBatches(0).map(async ({ triplets }) => batchNearness((await triplets())(1).next(32))),
  );
  assert(together.target > alone.target + 0.05 && together.otherReference > alone.otherReference + 0.05);
});

Deno.test("refinedBatches: a testbed that does not know its near neighbours has its own triplets alone, and says so", async () => {
  const { batchSources: _, ...poor } = testbed;
  const { rows, notRun } = await planStudy(poor, refinedBatches, { seeds: [1] });
  assertEquals(rows.filter(({ step }) => step > 0).map(({ variant }) => variant), [
    "edits, no RB",
    "edits, RB",
    "edits, no RB, twice the triplets",
  ]);
  assertEquals(notRun.map(({ what }) => what), ["batches with siblings and without"]);
});

Deno.test("refinedBatches: a line of gains for each source, over the same batches without RB", async () => {
  const { rows, ...made } = madeRows([
    { variant: "frozen", step: 0, figures: [[90, 30]] },
    { variant: "edits, no RB", step: 200, figures: [[80, 50]] },
    { variant: "edits, RB", step: 200, figures: [[80, 54]] },
  ]);
  const [frozen, without, refined] = rows;
  const result = {
    ...made,
    rows: [
      frozen,
      { ...without, against: "frozen", reference: frozen },
      { ...refined, against: without.variant, reference: without },
    ],
  };
  const [gains] = await refinedBatches.more!(result);
  const [, , ...lines] = String((await gains.shows[jupyterDisplay]())["text/plain"]).split("\n");
  assertEquals(lines.map((line) => line.split(" [")[0].split(/ {2,}/)), [["edits, RB", "+4.0"]]);
});

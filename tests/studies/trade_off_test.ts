import { assert, assertEquals } from "@std/assert";
import type { Figure } from "../../lib/report/figure.ts";
import type { Table } from "../../lib/report/table.ts";
import { paperRecipe } from "../../lib/rtd/recipe.ts";
import { madeRows } from "./made_rows.ts";
import { tradeOff } from "../../lib/studies/trade_off.ts";

/** Plain and composed retrieval of two seeds. */
const rows = madeRows([
  { variant: "frozen", step: 0, figures: [[80, 30]] },
  { variant: "RTD", step: 100, last: false, figures: [[78, 40], [78, 44]] },
  { variant: "RTD", step: 200, figures: [[70, 50], [72, 60]] },
  { variant: "RTD", step: 200, share: 0.4, last: false, figures: [[79, 50], [79, 50]] },
  { variant: "caption anchor 5", step: 200, figures: [[78, 54], [79, 60]] },
  { variant: "caption anchor 20", step: 200, figures: [[80, 55], [79, 55]] },
  { variant: "anchor on other captions 5", step: 200, figures: [[77, 58], [77, 56]] },
]);

Deno.test("tradeOff: says which rows reach the goal, and draws each family in its order", async () => {
  const [curves, kept] = await tradeOff.more!(rows);
  // 98 % of 80 are 78.4: the other captions' anchor keeps 77, an average 79 without RTD's 55.
  assert(
    kept.note!.startsWith(
      "The goal, by the means: at least RTD's composed retrieval (55.0) with at least 98 % of the frozen encoder's plain " +
        "R@1 (80.0): reached by caption anchor 5 (57.0, 98.1 %); caption anchor 20 (55.0, 99.4 %).",
    ),
    kept.note,
  );
  const { chart } = curves.shows as Figure;
  assertEquals(chart.series.map(({ name, x, y }) => [name, x, y]), [
    ["caption anchor", [71, 78.5, 79.5], [55, 57, 55]],
    ["anchor on other captions", [71, 77], [55, 57]],
    ["anchor on all captions", [71], [55]],
    ["RTD averaged with frozen", [80, 79, 71], [30, 50, 55]],
    ["anchor 5 averaged with frozen", [80, 78.5], [30, 57]],
    ["RTD, fewer steps", [80, 78, 71], [30, 42, 55]],
    ["a quarter of the rate", [80], [30]],
  ]);
  assertEquals(chart.series[0].xSpread, [Math.SQRT2, Math.SQRT1_2, Math.SQRT1_2]);
  // On the frontier: what no other point beats in both; RTD is named although it is not on it.
  assertEquals(chart.series.flatMap(({ labels }) => labels!.filter(Boolean)), [
    "RTD",
    "caption anchor 5",
    "caption anchor 20",
    "frozen",
  ]);
  const { rows: lines } = kept.shows as Table;
  assertEquals(
    lines.map(([name, composed, plain, share, gain, seconds, frontier]) => [
      ...[name, composed, plain, share],
      ...[gain?.toString().split(" ")[0], seconds, frontier],
    ]),
    [
      ["frozen", "30.0", "80.0", "100.0", "-25.0", undefined, "yes"],
      ["RTD, 100 steps", "42.0 +- 2.8", "78.0 +- 0.0", "97.5", "-13.0", "5.0 +- 0.0", undefined],
      ["RTD", "55.0 +- 7.1", "71.0 +- 1.4", "88.8", undefined, "10.0 +- 0.0", undefined],
      ["RTD, share 0.4", "50.0 +- 0.0", "79.0 +- 0.0", "98.8", "-5.0", "10.0 +- 0.0", undefined],
      ["caption anchor 5", "57.0 +- 4.2", "78.5 +- 0.7", "98.1", "+2.0", "10.0 +- 0.0", "yes"],
      ["caption anchor 20", "55.0 +- 0.0", "79.5 +- 0.7", "99.4", "+0.0", "10.0 +- 0.0", "yes"],
      ["anchor on other captions 5", "57.0 +- 1.4", "77.0 +- 0.0", "96.3", "+2.0", "10.0 +- 0.0", undefined],
    ],
  );
});

Deno.test("tradeOff: where no row reaches the goal the nearest is named, and without plain retrieval nothing is shown", async () => {
  const poor = { ...rows, rows: rows.rows.filter(({ variant }) => !variant.startsWith("caption anchor")) };
  const [, { note }] = await tradeOff.more!(poor);
  assert(note!.includes("no row reaches it; nearest of those that keep so much: RTD, share 0.4 (50.0, 98.8 %)."), note);
  assertEquals(await tradeOff.more!({ ...rows, testbed: { ...rows.testbed, plain: undefined } }), []);
});

Deno.test("tradeOff: every training costs what the recipe costs, but the one that says that it takes twice the steps", () => {
  const { variants } = tradeOff;
  if (typeof variants !== "function") throw new Error("they follow from the recipe");
  const changed = { ...paperRecipe, steps: 10, keepCaptions: 3 };
  const all = variants({ testbed: rows.testbed, recipe: changed });
  assertEquals(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, training } of all) {
    if (training?.method !== "RTD") throw new Error(`${name} is no RTD`);
    const { changes = {} } = training;
    assertEquals(changes.steps, name.endsWith("twice the steps") ? 20 : undefined, name);
    // The user's choice of an anchor is no part of what is compared.
    assertEquals(changes.keepCaptions, name.includes("anchor") ? Number(name.match(/\d+$/)![0]) : 0, name);
  }
  const rates = all.map(({ training }) => training!.changes?.optimizer?.learningRate).filter((rate) =>
    rate !== undefined
  );
  assertEquals(rates.map((rate) => Math.round(rate / 1e-5 * 100) / 100), [3, 3, 3, 3, 3, 10, 30, 10, 30, 0.25]);
});

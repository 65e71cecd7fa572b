import { assert, assertEquals } from "@std/assert";
import type { Table } from "../../lib/report/table.ts";
import { embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { phiSeeds } from "../../lib/studies/phi_seeds.ts";
import { recommended } from "../../lib/studies/recommended.ts";
import { madeRows } from "./made_rows.ts";

Deno.test("recommended: what is kept of the frozen encoder's plain retrieval, and the gain over the published recipe", async () => {
  const [{ shows }] = await recommended.more!(madeRows([
    { variant: "frozen", step: 0, figures: [[80, 30]] },
    { variant: "RTD", step: 200, figures: [[70, 50], [72, 60]] },
    { variant: "the larger rate alone", step: 200, figures: [[60, 56], [60, 66]] },
    { variant: "RTD, recommended", step: 200, figures: [[79, 54], [79, 62]] },
  ]));
  assertEquals(
    (shows as Table).rows.map((row) => [row[1], row[2], row[3]?.toString().split(" ")[0], ...row.slice(4)]),
    [
      ["frozen", "30.0", undefined, "80.0", "100.0 %", undefined],
      ["RTD", "55.0 +- 7.1", undefined, "71.0 +- 1.4", "88.8 %", "10.0 +- 0.0"],
      ["the larger rate alone", "61.0 +- 7.1", "+6.0", "60.0 +- 0.0", "75.0 %", "10.0 +- 0.0"],
      ["RTD, recommended", "58.0 +- 5.7", "+3.0", "79.0 +- 0.0", "98.8 %", "10.0 +- 0.0"],
    ],
  );
});

Deno.test("recommended: the larger rate stands alone too, and captions of all kinds are kept", () => {
  const { variants } = recommended;
  if (typeof variants !== "function") throw new Error("they follow from the recipe");
  const all = variants({ testbed: madeRows([]).testbed, recipe: embeddedRecipe });
  assertEquals(
    all.map(({ training }) => training!.method === "RTD" && [training!.changes ?? {}, training!.keptCaptions]),
    [
      [{}, undefined],
      [{ optimizer: { ...embeddedRecipe.optimizer, learningRate: 3 * 3e-4 } }, undefined],
      [{ keepCaptions: 100, optimizer: { ...embeddedRecipe.optimizer, learningRate: 3 * 3e-4 } }, "all"],
    ],
  );
});

Deno.test("phiSeeds: mean and spread over the phis of a method, differences with Welch's interval", async () => {
  const made = madeRows([
    ...[[28, 50], [32, 56], [30, 53]].flatMap(([frozen, tuned]) => [
      { variant: "frozen", step: 0, figures: [[80, frozen]] as const },
      { variant: "RTD", step: 200, figures: [[80, tuned]] as const },
    ]),
    ...[[20, 52], [22, 54]].flatMap(([frozen, tuned]) => [
      { variant: "frozen", step: 0, figures: [[80, frozen]] as const },
      { variant: "RTD", step: 200, figures: [[80, tuned]] as const },
    ]),
  ]);
  const names = ["LinCIR", "LinCIR, seed 2", "LinCIR, seed 3", "SEARLE", "SEARLE, seed 2"];
  const rows = made.rows.map((row, i) => ({ ...row, phi: names[Math.floor(i / 2)] }));
  const [own, ahead] = await phiSeeds.more!({ ...made, rows });
  const advice = "train others with train-phi --seed";
  assert(!own.note!.includes(advice));
  const alone = rows.filter(({ phi }) => !phi!.includes(","));
  assert((await phiSeeds.more!({ ...made, rows: alone }))[0].note!.includes(advice));
  assertEquals((own.shows as Table).rows, [
    ["LinCIR", "3", "30.0 +- 2.0", "53.0 +- 3.0"],
    ["SEARLE", "2", "21.0 +- 1.4", "53.0 +- 1.4"],
  ]);
  const [[pair, frozen, tuned]] = (ahead.shows as Table).rows;
  // Standard errors sqrt(4/3 + 1) and sqrt(3 + 1); 2.8 and 2.9 degrees of freedom, taken as 2.
  assertEquals([pair, frozen, tuned], ["SEARLE against LinCIR", "-9.0 [-15.6, -2.4]", "+0.0 [-8.6, 8.6]"]);
});

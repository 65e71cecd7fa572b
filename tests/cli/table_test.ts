/** Results of evaluations and studies as one table: what stands in one column, and what is refused. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runTask } from "./run_command.ts";

const result = (change: Record<string, unknown>, value: number) => ({
  task: "evaluate",
  benchmark: "cirr",
  split: "val",
  mode: "images",
  counts: { checked: "published", cirr: { queries: 4181, gallery: 2297 } },
  annotations: "0123456789",
  rows: [
    { name: "text only", parts: { cirr: { metrics: { "R@1": value, "R@5": value + 10 } } } },
    { name: "phi + text", parts: { cirr: { metrics: { "R@1": value + 1, "R@5": value + 11 } } } },
  ],
  ...change,
});

Deno.test("table: one column where protocols agree, another one where they do not", async () => {
  const cwd = await Deno.makeTempDir();
  const write = async (folder: string, json: unknown) => {
    await Deno.mkdir(`${cwd}/${folder}`, { recursive: true });
    await Deno.writeTextFile(`${cwd}/${folder}/result.json`, typeof json === "string" ? json : JSON.stringify(json));
  };
  const task = (...args: string[]) => runTask("table", args, { cwd });
  try {
    await write("results/a", result({}, 20));
    await write("results/b", result({}, 30));
    await write("results/limited", result({ limit: 200 }, 40));
    await write("results/demo", { task: "demo" });
    await write("choices/worded", result({ wording: "pic2word" }, 50));
    const prompt = { template: "[$] with {text}", orders: "first", sum: "raw" };
    const preprocessing = { size: 224, targetPad: 1.25, centreHalf: "even" };
    const precision = "32 bits, weights rounded to half precision";
    const chosen = result({ prompt, ownTemplate: true, preprocessing, precision }, 60);
    chosen.rows.push({ ...chosen.rows[0], name: "image + text sum" });
    await write("choices/chosen", chosen);
    await write("choices/usual", result({ wording: "paper", prompt: {}, preprocessing: {}, precision: "32 bits" }, 70));

    const same = await task("results/a", "results/b", "--metric", "R@1");
    assertEquals(same.code, 0, same.text);
    assertStringIncludes(
      same.out,
      [
        "| results | row | R@1 |",
        "|---|---|---:|",
        "| a | text only | 20.00 |",
        "| a | phi + text | 21.00 |",
        "| b | text only | 30.00 |",
      ].join("\n"),
    );
    assertStringIncludes(
      same.out,
      "[1] cirr val; cirr: 4181 queries, 2297 images; images; counts published; annotations 01234567",
    );

    // Each line has its protocol: standard output alone says what the figures are of.
    const all = await task("results", "--metric", "R@1", "--form", "csv");
    const usual = "cirr val; cirr: 4181 queries, 2297 images; images; counts published; annotations 01234567";
    assertEquals(all.out.split("\n").slice(0, 3), [
      "results,row,protocol,R@1 [1],R@1 [2]",
      `a,text only,"[1] ${usual}",20.00,`,
      `a,phi + text,"[1] ${usual}",21.00,`,
    ]);
    const limited = usual.replace("published", "published; LIMITED to 200 queries of each part");
    assertStringIncludes(all.out, `limited,text only,"[2] ${limited}",,40.00`);
    assertStringIncludes(all.err, "results/demo is no result of evaluate or reproduce");

    const choices = (await task("choices", "--metric", "R@1")).out.split("\n");
    const used = "images padded to 1.25; centre crop to the even pixel; weights in half precision";
    assertEquals(choices.slice(0, 8), [
      "| results | row | R@1 [1] | R@1 [2] |",
      "|---|---|---:|---:|",
      `| chosen | text only; ${used}; first text alone | 60.00 |  |`,
      `| chosen | phi + text; ${used}; first text alone; prompt "[$] with {text}" | 61.00 |  |`,
      `| chosen | image + text sum; ${used}; of raw features; first text alone | 60.00 |  |`,
      "| usual | text only | 70.00 |  |",
      "| usual | phi + text | 71.00 |  |",
      "| worded | text only |  | 50.00 |",
    ]);

    const latex = await task("results/a", "--form", "latex");
    assertStringIncludes(latex.out, "results & row & R@1 & R@5 \\\\");
    assertStringIncludes(latex.out, "% [1] cirr val");

    // A study and an evaluation of one benchmark share its column; a benchmark of no published family has its own.
    const { rows: _, task: __, ...record } = result({}, 0);
    const preprocessed = { size: 224, targetPad: 1.25 };
    await write("studies/main", {
      ...{ task: "reproduce", study: "main-results", testbed: "made" },
      clips: [{ name: "B/32" }, { name: "L/14", preprocessing: preprocessed }],
      benchmarks: [{ name: "CIRR", record }, {
        ...{ name: "own", split: "all", protocol: "made", gallery: 3, queries: 2, hash: "fedcba9876", stamps: [] },
      }],
      plain: { hash: "abcdef0123" },
      rows: [
        {
          ...{ clip: "B/32", phi: "LinCIR", name: "RTD", method: "phi + text", seeds: 3 },
          benchmarks: { CIRR: { parts: { cirr: { metrics: { "R@1": 80 } } } } },
          plain: { "R@1": 90 },
        },
        {
          ...{ clip: "L/14", name: "text only", method: "text only", seeds: 1 },
          benchmarks: { own: { parts: { own: { metrics: { "R@1": 7 } } } } },
        },
      ],
    });
    const both = await task("results/a", "studies", "--metric", "R@1");
    assertEquals(both.out.split("\n").filter((line) => line !== ""), [
      "| results | row | cirr, R@1 [1] | plain retrieval, R@1 [2] | own, R@1 [3] |",
      "|---|---|---:|---:|---:|",
      "| a | text only | 20.00 |  |  |",
      "| a | phi + text | 21.00 |  |  |",
      "| main | B/32, LinCIR, RTD; mean of 3 seeds | 80.00 | 90.00 |  |",
      "| main | L/14, text only; images padded to 1.25 |  |  | 7.00 |",
      `[1] ${usual}`,
      "[2] plain retrieval of made; data abcdef01",
      "[3] own (all); made; gallery 3; 2 queries counted; data fedcba98",
    ]);
    const tidy = (await task("results/a", "studies", "--metric", "R@1", "--form", "csv")).out.split("\n");
    assertEquals(tidy.slice(3, 5), [
      `main,"B/32, LinCIR, RTD; mean of 3 seeds","[1] ${usual}",80.00,,`,
      'main,"B/32, LinCIR, RTD; mean of 3 seeds",[2] plain retrieval of made; data abcdef01,,90.00,',
    ]);
    await write("studies/older", { task: "reproduce", rows: [] });
    assertStringIncludes(
      (await task("studies/older")).text,
      "studies/older/result.json failed: it is no result of a study",
    );

    await write("broken", "{");
    const refused = await task("broken", "none", "results/demo");
    assertEquals(refused.code, 1);
    for (
      const text of ["for 3 reasons", "broken/result.json failed: it is no result of an evaluation", "no such file"]
    ) {
      assertStringIncludes(refused.text, text);
    }
    assertStringIncludes((await task("results/a", "--metric", "R@2")).text, "--metric R@2 is none of R@1, R@5.");
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

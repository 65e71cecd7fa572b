/** Results of evaluations as one table: what stands in one column, and what is refused. */
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

    const all = await task("results", "--metric", "R@1", "--form", "csv");
    assertEquals(all.out.split("\n").slice(0, 3), [
      "results,row,R@1 [1],R@1 [2]",
      "a,text only,20.00,",
      "a,phi + text,21.00,",
    ]);
    assertStringIncludes(all.out, "limited,text only,,40.00");
    assertStringIncludes(all.err, "LIMITED to 200 queries of each part");
    assertStringIncludes(all.err, "results/demo is no result of evaluate");

    const choices = (await task("choices", "--metric", "R@1", "--form", "csv")).out.split("\n");
    const used = "images padded to 1.25; centre crop to the even pixel; weights in half precision";
    assertEquals(choices.slice(0, 7), [
      "results,row,R@1 [1],R@1 [2]",
      `chosen,text only; ${used}; first text alone,60.00,`,
      `chosen,"phi + text; ${used}; first text alone; prompt ""[$] with {text}""",61.00,`,
      `chosen,image + text sum; ${used}; of raw features; first text alone,60.00,`,
      "usual,text only,70.00,",
      "usual,phi + text,71.00,",
      "worded,text only,,50.00",
    ]);

    const latex = await task("results/a", "--form", "latex");
    assertStringIncludes(latex.out, "results & row & R@1 & R@5 \\\\");
    assertStringIncludes(latex.out, "% [1] cirr val");

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

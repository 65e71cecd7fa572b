import { assertEquals } from "@std/assert";
import { table } from "../../lib/report/table.ts";
import { csvText, latexText } from "../../lib/report/table_files.ts";

const made = table(["row, name", "R@1 in %"], [['a "quoted" one', "55.9 +- 1.1"], ["x_y & z", 31.24], [
  "none",
  undefined,
]]);

Deno.test("csvText: commas and quotes are quoted, numbers keep all digits, an empty cell is empty", () => {
  assertEquals(csvText(made), '"row, name",R@1 in %\n"a ""quoted"" one",55.9 +- 1.1\nx_y & z,31.24\nnone,\n');
});

Deno.test("latexText: a tabular with escaped signs; numbers are on the right", () => {
  assertEquals(
    latexText(made),
    [
      "\\begin{tabular}{lr}",
      "\\hline",
      "row, name & R@1 in \\% \\\\",
      "\\hline",
      'a "quoted" one & 55.9 $\\pm$ 1.1 \\\\',
      "x\\_y \\& z & 31.2 \\\\",
      "none &  \\\\",
      "\\hline",
      "\\end{tabular}",
      "",
    ].join("\n"),
  );
  assertEquals(latexText(table(["a\\b~c^d"], [["{1}"]])).split("\n").slice(2, 5), [
    "a\\textbackslash{}b\\textasciitilde{}c\\textasciicircum{}d \\\\",
    "\\hline",
    "\\{1\\} \\\\",
  ]);
});

/** Parameters of notebooks: which there are, how they are changed, what is refused. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Notebook } from "../../scripts/docs/notebook.ts";
import { readNotebook } from "../../scripts/docs/notebook.ts";
import { parameterNames, parseSettings, setParameters } from "../../scripts/notebook_parameters.ts";

const cell = (source: string | string[]) => ({ cell_type: "code" as const, source, metadata: {} });
const notebook: Notebook = {
  cells: [
    { cell_type: "markdown", source: "# Title", metadata: {} },
    cell("import x from 'x';\nconst other = 1;"),
    cell([
      "const steps = 1_000, seeds = [1, 2, 3];\n",
      'const name = "a b"; // a name\n',
      "const quick = false\nconst made = f(steps), after = 2;\nlet rate = 2e-5;\nname",
    ]),
    cell("const later = 3;"),
  ],
};
const changed = (...settings: string[]) =>
  [setParameters(notebook, parseSettings(settings)).cells[2].source].flat().join("");

Deno.test("parameterNames: the plain values of the second code cell", () => {
  assertEquals(parameterNames(notebook), ["steps", "seeds", "name", "quick", "rate"]);
});

Deno.test("setParameters: values are replaced where they stand, and nothing else", () => {
  const source = changed("steps=5", "seeds=[7]", 'name=it\'s "so"', "quick=true", "rate=0.1");
  assertEquals(
    source,
    'const steps = 5, seeds = [7];\nconst name = "it\'s \\"so\\""; // a name\nconst quick = true\n' +
      "const made = f(steps), after = 2;\nlet rate = 0.1;\nname",
  );
  assertEquals(changed("other=5", "later=1", "made=2"), [notebook.cells[2].source].flat().join(""));
});

Deno.test("setParameters: a value of another type is refused", () => {
  for (
    const [setting, message] of [
      ["steps=many", 'Setting "steps" failed: many is a text, the notebook has a number.'],
      ["steps=[5]", 'Setting "steps" failed: [5] is a list, each a number, the notebook has a number.'],
      ["seeds=5", 'Setting "seeds" failed: 5 is a number, the notebook has a list, each a number.'],
      ['seeds=["a"]', 'Setting "seeds" failed: ["a"] is a list, each a text, the notebook has a list, each a number.'],
      ["quick=1", 'Setting "quick" failed: 1 is a number, the notebook has true or false.'],
    ]
  ) assertThrows(() => changed(setting), Error, message);
  assertEquals(changed("name=5").includes('const name = "5"'), true);
});

Deno.test("parseSettings: what is no NAME=VALUE is refused", () => {
  for (const typed of ["steps", "=5", "a b=5", "steps="]) {
    assertThrows(() => parseSettings([typed]), Error, `Reading --set failed: "${typed}" is not NAME=VALUE`);
  }
});

Deno.test("parameterNames: every committed notebook has parameters that can be changed", async () => {
  const folder = new URL("../../notebooks/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".ipynb")) continue;
    const names = parameterNames(await readNotebook(new URL(name, folder).pathname));
    assertEquals(names.length > 0, true, name);
  }
});

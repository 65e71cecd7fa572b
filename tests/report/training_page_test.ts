import { assert, assertEquals } from "@std/assert";
import { trainingPage } from "../../lib/report/training_page.ts";

const losses = Array.from({ length: 2500 }, (_, i) => i < 2 ? 3 : 1);
const validations = [[0, 20], [50, 30], [100, 25]].map(([step, r1]) => ({ step, metrics: { "R@5": 60, "R@1": r1 } }));
const lines = losses.map((loss, i) => ({
  ...{ step: i + 1, seconds: i, loss, memory: 3e9 },
  ...(i !== 1199 && { gradientNorm: 2 }),
}));

Deno.test("trainingPage: the best beside the frozen encoder, means of a long run's losses, and texts escaped", async () => {
  const validated = {
    ...{ name: "cirr val, CAPTIONS", queries: 4181, stamps: ["CAPTIONS <i>"], bestBy: "R@1" },
    ...{ best: validations[1], cards: { why: "Drawing failed: a<b." } },
  };
  const html = await trainingPage({ lines, losses, validations, validated, facts: [["Recipe", "steps <2500>"]] });
  const has = (part: string) => assert(html.includes(part), `"${part}" is missing`);
  const heads = [...html.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, name]) => name);
  assertEquals(heads, ["figure", "step 50, best", "frozen", "step 100"]);
  const [first] = html.match(/<tbody><tr>.*?<\/tr>/)!;
  assertEquals([...first.matchAll(/>([\d.]+|R@\d)</g)].map(([, cell]) => cell), ["R@1", "30.00", "20.00", "25.00"]);
  has('<span class="before">20.00 -&gt;</span> <strong>30.00</strong>');
  has("CAPTIONS &lt;i&gt;");
  has("Drawing failed: a&lt;b.");
  has("steps &lt;2500&gt;");
  has("Loss, means of 3 steps");
  const plots = JSON.parse(html.match(/^const plots = (.*);$/m)![1]);
  assertEquals(
    plots.map((plot: { data: { y: number[] }[] }) => plot.data[0].y.length),
    [3, 834, 832, 833],
    "a curve of the norm with the gap, none of the speed",
  );
  assert(Math.abs(plots[1].data[0].y[0] - 7 / 3) < 1e-12 && plots[1].data[0].x.at(-1) === 2500);

  const without = await trainingPage({ lines: [], losses: [2, 1], validations: [], facts: [] });
  assert(without.includes("2 steps; loss 2.000 at the first, 1.000 at the last.") && !without.includes("Validation:"));
});

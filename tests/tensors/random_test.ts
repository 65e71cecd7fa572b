import { assert, assertEquals } from "@std/assert";
import { random } from "../../lib/tensors/random.ts";

Deno.test("random: the same seed gives the same numbers, and a state goes on", () => {
  const a = random(12345), b = random(12345);
  assertEquals([a.int(1000), a.uniform(), a.normal()], [b.int(1000), b.uniform(), b.normal()]);
  const saved = JSON.parse(JSON.stringify(a.state()));
  assertEquals(random(saved).shuffle([1, 2, 3, 4, 5]), a.shuffle([1, 2, 3, 4, 5]));
  assert(random(1).uniform() !== random(2).uniform());
});

Deno.test("random: the numbers have the moments of their distributions", () => {
  const rng = random(9), count = 50_000;
  const moments = (draw: () => number) => {
    const values = Array.from({ length: count }, draw);
    const mean = values.reduce((a, b) => a + b) / count;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count];
  };
  const near = (found: number[], expected: number[]) =>
    found.forEach((value, i) => assert(Math.abs(value - expected[i]) < 0.02, `${found} for ${expected}`));
  near(moments(rng.uniform), [1 / 2, 1 / 12]);
  near(moments(rng.normal), [0, 1]);
  near(moments(() => rng.int(2)), [1 / 2, 1 / 4]);
});

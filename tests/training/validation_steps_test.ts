import { assertEquals } from "@std/assert";
import { dueAfter, isDue } from "../../lib/training/validation_steps.ts";

Deno.test("isDue: at step 50, every so many steps, and at the last", () => {
  const due = (steps: number, every: number) =>
    Array.from({ length: steps }, (_, i) => i + 1).filter((step) => isDue(step, { steps, every }));
  assertEquals(due(330, 100), [50, 100, 200, 300, 330]);
  assertEquals(due(60, 25), [25, 50, 60]);
  assertEquals(due(7, 100), [7]);
});

Deno.test("dueAfter: the steps after one at which a validation is due, counted", () => {
  for (const steps of [1, 7, 49, 50, 51, 100, 330]) {
    for (const every of [1, 7, 20, 50, 100, 1000]) {
      for (let step = 0; step <= steps; step++) {
        const left = Array.from({ length: steps - step }, (_, i) => step + 1 + i);
        const counted = left.filter((at) => isDue(at, { steps, every })).length;
        assertEquals(dueAfter(step, { steps, every }), counted, `${step} of ${steps}, every ${every}`);
      }
    }
  }
});

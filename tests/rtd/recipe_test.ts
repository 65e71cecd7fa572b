import { assertEquals, assertThrows } from "@std/assert";
import { changeRecipe, paperRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";

Deno.test("changeRecipe: every choice is checked, those of the optimizer and the schedule too", () => {
  const { optimizer, schedule } = paperRecipe;
  const refused: [object, string][] = [
    [{ stepz: 3 }, '"stepz" is no choice; there are seed, steps,'],
    [{ optimizer: { ...optimizer, lr: 1 } }, '"optimizer.lr" is no choice; there are optimizer.learningRate,'],
    [{ optimizer: 3 }, "optimizer is 3, expected an object"],
    [{ optimizer: {} }, "optimizer.learningRate is undefined, expected a number from 0"],
    [{ optimizer: { ...optimizer, learningRate: -1 } }, "optimizer.learningRate is -1, expected a number from 0"],
    [{ optimizer: { ...optimizer, beta2: 1 } }, "optimizer.beta2 is 1, expected a number from 0 to below 1"],
    [{ optimizer: { ...optimizer, epsilon: NaN } }, "optimizer.epsilon is NaN, expected a number from 0"],
    [{ optimizer: { ...optimizer, weightDecay: "x" } }, "optimizer.weightDecay is x, expected a number from 0"],
    [{ schedule: { ...schedule, warmup: 0.5 } }, "schedule.warmup is 0.5, expected a whole number from 0"],
    [{ schedule: { ...schedule, shape: "linear" } }, "schedule.shape is linear, expected one of constant, cosine"],
    [{ anchor: "maybe" }, "anchor is maybe, expected true or false"],
    [{ refinedBatches: 1 }, "refinedBatches is 1, expected true or false"],
  ];
  for (const [changes, sentence] of refused) {
    assertThrows(() => changeRecipe(paperRecipe, changes as Partial<RtdRecipe>), Error, sentence);
  }
  const changed = changeRecipe(paperRecipe, { optimizer: { ...optimizer, learningRate: 0 } });
  assertEquals([changed.optimizer.learningRate, paperRecipe.optimizer.learningRate], [0, 1e-5]);
});

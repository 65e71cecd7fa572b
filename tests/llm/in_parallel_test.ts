import { assertEquals, assertRejects } from "@std/assert";
import { inParallel } from "../../lib/llm/in_parallel.ts";

Deno.test("inParallel: items are begun in their order, no more at once than were asked for", async () => {
  const begun: number[] = [];
  let running = 0, most = 0;
  await inParallel(Array.from({ length: 20 }).keys(), 3, async (i) => {
    begun.push(i);
    most = Math.max(most, ++running);
    await new Promise((resume) => setTimeout(resume, i % 3));
    running--;
  });
  assertEquals(begun, Array.from({ length: 20 }, (_, i) => i));
  assertEquals([most, running], [3, 0]);
});

Deno.test("inParallel: after an error nothing is begun, what is under way ends, and the error is thrown", async () => {
  const ended: number[] = [];
  const work = async (i: number) => {
    await new Promise((resume) => setTimeout(resume, i === 1 ? 1 : 20));
    if (i === 1) throw new Error("one is broken");
    ended.push(i);
  };
  await assertRejects(() => inParallel([0, 1, 2, 3, 4, 5, 6], 3, work), Error, "one is broken");
  assertEquals(ended, [0, 2]);
});

Deno.test("inParallel: an iterator can end early", async () => {
  const done: number[] = [];
  const items = function* () {
    for (let i = 0; done.length < 4; i++) yield i;
  };
  await inParallel(items(), 2, (i) => Promise.resolve(void done.push(i)));
  assertEquals(done.slice(0, 4), [0, 1, 2, 3]);
});

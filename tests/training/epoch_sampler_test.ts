import { assertEquals, assertThrows } from "@std/assert";
import { epochSampler, listSampler } from "../../lib/training/epoch_sampler.ts";

const items = [0, 1, 2, 3, 4, 5, 6];

Deno.test("epochSampler: a batch spans epochs, or an epoch's incomplete batch is dropped", () => {
  const spanning = epochSampler(items, 5), dropping = epochSampler(items, 5, { incomplete: "drop" });
  const [first, second] = [spanning.next(3), spanning.next(3)];
  assertEquals([dropping.next(3), dropping.next(3)], [first, second]);
  const [left, ...next] = spanning.next(3);
  assertEquals([...first, ...second, left].sort(), items);
  // The third batch is of the next epoch, whose order is the same with either.
  assertEquals(dropping.next(3).slice(0, 2), next);
  // Every epoch has two batches of different items.
  for (let epoch = 0; epoch < 20; epoch++) {
    const sampler = epochSampler(items, epoch, { incomplete: "drop" });
    for (let i = 0; i < 3; i++) assertEquals(new Set([...sampler.next(3), ...sampler.next(3)]).size, 6);
  }
});

Deno.test("epochSampler: where incomplete batches are dropped it goes on from its state, and a batch has to fit", () => {
  const sampler = epochSampler(items, 5, { incomplete: "drop" });
  for (let i = 0; i < 4; i++) {
    const again = epochSampler(items, sampler.state(), { incomplete: "drop" });
    assertEquals(again.next(4), sampler.next(4));
  }
  assertThrows(
    () => sampler.next(8),
    Error,
    'Sampling failed: 8 items are to be drawn of a list of 7, and incomplete batches are dropped; draw fewer, or let a batch span epochs (incomplete: "span").',
  );
});

Deno.test("listSampler: a checkpoint tells whether incomplete batches are dropped", async () => {
  const [plain, spanning, dropping] = [
    listSampler(items),
    listSampler(items, { incomplete: "span" }),
    listSampler(items, { incomplete: "drop" }),
  ];
  assertEquals(await plain.data!(), await spanning.data!());
  assertEquals(await plain.data!() === await dropping.data!(), false);
  assertEquals(dropping(5).next(3), epochSampler(items, 5).next(3));
});

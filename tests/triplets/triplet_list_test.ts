import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { epochSampler } from "../../lib/training/epoch_sampler.ts";
import { tripletListBuilder } from "../../lib/triplets/triplet_list.ts";
import { tripletSampler } from "../../lib/triplets/triplet_sampler.ts";

const many = Array.from({ length: 40_000 }, (_, i) => ({
  reference: `caption ${i}`,
  conditioning: i % 3 === 0 ? "" : `é 水 ${i}`,
  target: `😀 ${i}\n`,
}));

function listOf(triplets: typeof many) {
  const list = tripletListBuilder();
  for (let at = 0; at < triplets.length; at += 777) list.add(triplets.slice(at, at + 777));
  return list.finish();
}

Deno.test("tripletListBuilder: every triplet is at its index, whatever its letters, and the bytes are those of UTF-8", () => {
  const list = listOf(many);
  assertEquals(list.length, many.length);
  assertEquals([...list], many);
  assertEquals(list.at(39_999), many[39_999]);
  const encoder = new TextEncoder();
  assertEquals(list.bytes, encoder.encode(many.flatMap((one) => Object.values(one)).join("")).length);
  for (const index of [-1, 40_000, 0.5]) assertThrows(() => list.at(index), Error, `there is no triplet ${index}`);
  assertEquals([tripletListBuilder().finish().length, [...tripletListBuilder().finish()]], [0, []]);
});

Deno.test("tripletListBuilder: the hash is that of texts and their borders", () => {
  const hash = listOf(many).hash();
  assertEquals(listOf(many.slice()).hash(), hash);
  assertNotEquals(listOf(many.slice(1)).hash(), hash);
  assertNotEquals(listOf(many.with(20_000, { ...many[20_000], target: "other" })).hash(), hash);
  const moved = (conditioning: string, target: string) => listOf([{ reference: "a", conditioning, target }]).hash();
  assertNotEquals(moved("bc", "d"), moved("b", "cd"));
  assertEquals(/^[0-9a-f]{64}$/.test(hash), true);
});

Deno.test("tripletSampler: draws what epochSampler draws from an array, over epochs, and goes on from a state", () => {
  const few = many.slice(0, 10), list = listOf(few);
  const start = tripletSampler(list), sampler = start(12345), reference = epochSampler(few, 12345);
  for (const count of [3, 9, 25]) {
    assertEquals(sampler.next(count), reference.next(count));
    assertEquals(sampler.state(), reference.state());
  }
  const state = JSON.parse(JSON.stringify(sampler.state()));
  assertEquals(start(state).next(12), sampler.next(12));
});

Deno.test("tripletSampler: drops an epoch's incomplete batch where asked, as epochSampler does", async () => {
  const few = many.slice(0, 10), list = listOf(few);
  const start = tripletSampler(list, { incomplete: "drop" }), sampler = start(7);
  const reference = epochSampler(few, 7, { incomplete: "drop" });
  for (const count of [4, 4, 4, 3, 10]) {
    assertEquals(sampler.next(count), reference.next(count));
    assertEquals(sampler.state(), reference.state());
  }
  assertThrows(
    () => sampler.next(11),
    Error,
    "a batch of 11 is to be drawn of 10 triplets, and incomplete batches are",
  );
  assertNotEquals(await start.data(), await tripletSampler(list).data());
});

Deno.test("tripletSampler: its data names the triplets; an empty list and a state of another are refused", async () => {
  const list = listOf(many.slice(0, 4));
  assertEquals(await tripletSampler(list).data(), list.hash());
  assertThrows(
    () => tripletSampler(tripletListBuilder().finish()),
    Error,
    "the list is empty; read or make some first",
  );
  assertThrows(
    () => tripletSampler(list)({ epoch: [1, 2, 3, 4], position: 9 }),
    Error,
    "the state is at triplet 9 of a list of 4; it is a state of another list",
  );
});

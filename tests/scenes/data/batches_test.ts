import { assert, assertEquals, assertThrows } from "@std/assert";
import { mostSiblings, sceneBatchSampler } from "../../../lib/scenes/data/batches.ts";
import { kinds } from "../../../lib/scenes/data/kinds.ts";
import { splitKinds } from "../../../lib/scenes/data/pairs.ts";

const count = 32, names = kinds.flatMap(({ name, plural }, kind) => [[name, kind], [plural, kind]] as const);
const train = new Set(splitKinds(0).train);

/** The kinds of things that a caption names, as a text. */
function kindsIn(caption: string): string {
  const words = caption.split(" ");
  const found = new Set(names.filter(([name]) => words.includes(name)).map(([, kind]) => kind));
  assert([...found].every((kind) => train.has(kind)), caption);
  return [...found].sort((a, b) => a - b).join(" ");
}

for (const siblings of [true, false]) {
  const name = siblings ? "with siblings" : "without siblings", group = siblings ? mostSiblings : 1;

  Deno.test(`sceneBatchSampler: ${name}: a batch has no caption twice, groups of other kinds, and goes on from a state`, () => {
    const sampler = sceneBatchSampler(0, { siblings })(1);
    for (let batch = 0; batch < 10; batch++) {
      const state = sampler.state(), drawn = sampler.next(count);
      assertEquals(sceneBatchSampler(0, { siblings })(state).next(count), drawn);
      const captions = drawn.flatMap(({ reference, target }) => [reference, target]);
      assertEquals([drawn.length, new Set(captions).size], [count, 2 * count]);
      const shown = Array.from(
        { length: count / group },
        (_, i) =>
          new Set(
            drawn.slice(i * group, (i + 1) * group).flatMap(({ reference, target }) =>
              [reference, target].map(kindsIn)
            ),
          ),
      );
      for (const [i, one] of shown.entries()) {
        for (const other of shown.slice(i + 1)) assert(one.isDisjointFrom(other), `${[...one]}; ${[...other]}`);
      }
    }
  });
}

/** What a caption tells: its groups, as number, size and kind, and its background. */
function toldBy(caption: string): { groups: string[][]; background: string } {
  const groups = [...caption.matchAll(/\b(a|two|three|four) (small|large) (\w+)/g)].map(([, number, size, noun]) => [
    ...[number, size],
    String(names.find(([name]) => name === noun)![1]),
  ]);
  return { groups, background: caption.match(/on a (\w+) background$/)![1] };
}

/** Number of things in which two captions differ: the background, or a group's number, size, kind or presence. */
function differences(one: string, other: string): number {
  const [a, b] = [toldBy(one), toldBy(other)], background = Number(a.background !== b.background);
  const missing = (from: string[][], of: string[][]) =>
    of.filter((group) => !from.some((own) => `${own}` === `${group}`));
  const [gone, come] = [missing(b.groups, a.groups), missing(a.groups, b.groups)];
  if (gone.length !== 1 || come.length !== 1) return background + gone.length + come.length;
  return background + gone[0].filter((part, i) => part !== come[0][i]).length;
}

Deno.test("sceneBatchSampler: the references of a group differ from its first in one thing", () => {
  const drawn = sceneBatchSampler(0, { siblings: true })(3).next(count);
  for (let from = 0; from < count; from += mostSiblings) {
    const [first, ...others] = drawn.slice(from, from + mostSiblings).map(({ reference }) => reference);
    for (const other of others) assertEquals(differences(first, other), 1, `${first}; ${other}`);
  }
});

Deno.test("sceneBatchSampler: both kinds of batches have hashes of their own, and too large a batch is refused", async () => {
  const [together, apart] = [true, false].map((siblings) => sceneBatchSampler(0, { siblings }));
  assert(await together.data() !== await apart.data());
  assertThrows(() => apart(1).next(600), Error, "no other kinds of things left; choose a smaller batch");
});

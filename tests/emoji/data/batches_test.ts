import { assert, assertEquals, assertThrows } from "@std/assert";
import { editBatchSampler, mostSiblings } from "../../../lib/emoji/data/batches.ts";
import { emojiBenchmark } from "../../../lib/emoji/data/benchmark.ts";

const { emoji, edits: { train: edits } } = await emojiBenchmark(), count = 32;
const familyOf = new Map(emoji.map(({ caption, family }) => [caption, family]));

for (const siblings of [true, false]) {
  const name = siblings ? "with siblings" : "without siblings";

  Deno.test(`editBatchSampler: ${name}: a batch has no caption twice, of train families alone, and goes on from a state`, () => {
    const sampler = editBatchSampler(edits, { siblings })(1),
      trained = new Set(edits.map(({ reference }) => reference.family));
    for (let batch = 0; batch < 10; batch++) {
      const state = sampler.state(), drawn = sampler.next(count);
      assertEquals(editBatchSampler(edits, { siblings })(state).next(count), drawn);
      const captions = drawn.flatMap(({ reference, target }) => [reference, target]);
      assertEquals([drawn.length, new Set(captions).size], [count, 2 * count]);
      assert(captions.every((caption) => trained.has(familyOf.get(caption)!)));
      const sizes = [...Map.groupBy(drawn, ({ reference }) => familyOf.get(reference)).values()].map(({ length }) =>
        length
      );
      if (siblings) {
        assert(sizes.every((size) => size <= mostSiblings + 1), `${sizes}`);
        assert(sizes.filter((size) => size >= 3).length >= 4, `${sizes}`);
      } else {
        const families = drawn.flatMap((
          { reference, target },
        ) => [...new Set([familyOf.get(reference), familyOf.get(target)])]);
        assertEquals(families.length, new Set(families).size);
      }
    }
  });
}

Deno.test("editBatchSampler: both kinds of batches have hashes of their own, and too large a batch is refused", async () => {
  const [together, apart] = [true, false].map((siblings) => editBatchSampler(edits, { siblings }));
  assert(await together.data() !== await apart.data());
  assertEquals(await apart.data(), await editBatchSampler(edits, { siblings: false }).data());
  assertThrows(() => apart(1).next(100), Error, "every family is used; choose a smaller batch");
  assertThrows(() => editBatchSampler([], { siblings: true }), Error, "there are no edits");
});

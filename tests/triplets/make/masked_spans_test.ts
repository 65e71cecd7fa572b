import { assert, assertEquals } from "@std/assert";
import { ringPairs, spanGroups, type SpannedCaption } from "../../../lib/triplets/make/masked_spans.ts";
import { random } from "../../../lib/tensors/random.ts";

const slice = new URL("../../goldens/slices/coco-captions-CC-BY-4.0/captions_val2017.json", import.meta.url);

/** The same groups by comparing every span of every caption with every other, as texts. */
function bySearch(texts: readonly string[], most: number, leastShared: number): string[] {
  const groups = new Map<string, string[]>();
  texts.forEach((text, caption) => {
    const words = text.split(" ");
    for (let start = 0; start < words.length; start++) {
      for (let end = start + 1; end <= words.length && end - start <= most; end++) {
        if (words.length - (end - start) < leastShared) continue;
        const key = `${words.slice(0, start).join(" ")}|${words.slice(end).join(" ")}`;
        groups.set(key, [...(groups.get(key) ?? []), `${caption}:${start}-${end}`]);
      }
    }
  });
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.join(" ")).sort();
}

async function byHash(texts: readonly string[], most: number, leastShared: number): Promise<string[]> {
  const groups = await Array.fromAsync(spanGroups(texts, { most, leastShared }));
  return groups.map((group) => group.map(({ caption, start, end }) => `${caption}:${start}-${end}`).join(" ")).sort();
}

Deno.test("spanGroups: the groups are those that a search over all pairs finds", async () => {
  const { annotations } = JSON.parse(await Deno.readTextFile(slice)) as { annotations: { caption: string }[] };
  const rng = random(3), subjects = "a dog,a cat,two dogs,a black dog,the bus".split(",");
  const texts = annotations.map(({ caption }) => caption.toLowerCase().trim().split(/\s+/).join(" "));
  for (const place of "on the road,in a big park,on a road,at night".split(",")) {
    for (const subject of subjects) texts.push(`${subject} runs fast ${place}`, `${subject} sits there ${place}`);
  }
  const different = rng.shuffle([...new Set(texts)]);
  for (const [most, shared] of [[3, 4], [1, 2], [2, 3]]) {
    const found = await byHash(different, most, shared);
    assert(found.length > 10, String(found.length));
    assertEquals(found, bySearch(different, most, shared));
  }
});

Deno.test("spanGroups: captions of fewer words than must be shared are in no group", async () => {
  assertEquals(await byHash(["a dog", "a cat", "dog", "cat"], 3, 2), []);
  assertEquals(await byHash(["a dog", "a cat"], 3, 1), ["0:1-2 1:1-2"]);
  assertEquals(await byHash([], 3, 1), []);
});

Deno.test("ringPairs: a group of M captions gives at most M pairs, each caption once as reference", () => {
  const group = Array.from({ length: 5000 }, (_, caption): SpannedCaption => ({ caption, start: 0, end: 1 }));
  let asked = 0;
  const fits = (a: SpannedCaption, b: SpannedCaption) => ++asked > 0 && (a.caption + b.caption) % 2 === 1;
  const pairs = ringPairs(group, fits, random(1));
  assertEquals(new Set(pairs.map(([a]) => a.caption)).size, pairs.length);
  assert(pairs.length > 4900 && pairs.every(([a, b]) => (a.caption + b.caption) % 2 === 1));
  assert(asked <= 8 * 5000, String(asked));
});

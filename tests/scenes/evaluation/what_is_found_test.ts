import { assertEquals, assertThrows } from "@std/assert";
import type { Scene } from "../../../lib/scenes/data/scene.ts";
import { type Finding, whatIsFound } from "../../../lib/scenes/evaluation/what_is_found.ts";

const scene = (...groups: [kind: number, count: number][]): Scene => ({
  groups: groups.map(([kind, count]) => ({ kind, count, size: "small" })),
  background: "blue",
});
// 0: the reference; 1: the target of a removal; 2: the target's kind, three of it; 3: the reference, one more; 4: what
// should go; 5: another kind.
const scenes = [
  scene([1, 2], [2, 1]),
  scene([1, 2]),
  scene([1, 3]),
  scene([1, 2], [2, 2]),
  scene([2, 1]),
  scene([3, 1]),
];
const query = { aspect: "removal" as const, reference: 0, target: 1, texts: { seen: "", unseen: "" } };

Deno.test("whatIsFound: each relation of the first image to reference and target", () => {
  const expected: [number, Finding][] = [
    [1, "a correct image"],
    [0, "the reference unchanged"],
    [2, "the target's kinds, another number, size or background"],
    [3, "the reference's kinds, otherwise changed"],
    [4, "only kinds that are to go"],
    [5, "other kinds"],
  ];
  for (const [top, finding] of expected) {
    const result = { part: "removal", query: "0", ranks: [1], top: [`noto/${top}/1`] };
    const found = whatIsFound({ scenes, queries: [query] }, [result as never]), removal = found.get("removal")!;
    assertEquals([...found.keys()], ["removal"]);
    assertEquals(Object.entries(removal).filter(([, share]) => share > 0), [[finding, 100]]);
  }
});

Deno.test("whatIsFound: results of some queries only are refused", () => {
  assertThrows(
    () => whatIsFound({ scenes, queries: [query] }, []),
    Error,
    "Telling what is found failed: there are 0 results of 1 queries; give those of all parts.",
  );
});

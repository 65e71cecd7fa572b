import { assert, assertEquals, assertRejects } from "@std/assert";
import { sha256 } from "../../../lib/io/hash.ts";
import { scenesBenchmark } from "../../../lib/scenes/data/benchmark.ts";
import { drawScene, sceneSize } from "../../../lib/scenes/data/draw_scene.ts";
import { sceneAspects } from "../../../lib/scenes/data/edits.ts";
import { kinds } from "../../../lib/scenes/data/kinds.ts";
import { isHeldOut, splitKinds } from "../../../lib/scenes/data/pairs.ts";
import { sceneKey } from "../../../lib/scenes/data/scene.ts";
import { loadSprites } from "../../../lib/scenes/data/sprites.ts";
import { sceneImageCaptions, sceneParts } from "../../../lib/scenes/evaluation/part.ts";
import { random } from "../../../lib/tensors/random.ts";
import { checkPart } from "../../../lib/benchmarks/benchmark.ts";

const small = { queries: 5, scenes: 90 }, benchmark = await scenesBenchmark(small);

Deno.test("scenesBenchmark: the same from a seed, as many queries of each aspect, scenes of test kinds and held-out pairs", async () => {
  const again = await scenesBenchmark(small);
  assertEquals([again.queries, again.captions], [benchmark.queries, benchmark.captions]);
  assertEquals(await sha256(again.gallery), await sha256(benchmark.gallery));
  for (const aspect of sceneAspects) {
    assertEquals(benchmark.queries.filter((query) => query.aspect === aspect).length, small.queries);
  }
  const test = new Set(splitKinds(0).test);
  for (const { groups: [first, second] } of benchmark.scenes) {
    assert(test.has(first.kind) && (!second || (test.has(second.kind) && isHeldOut(first.kind, second.kind))));
  }
  assertEquals(new Set(benchmark.scenes.map(sceneKey)).size, small.scenes);
  assertEquals(new Set(benchmark.captions).size, small.scenes);
});

Deno.test("scenesBenchmark: a gallery too small for its queries is refused", async () => {
  await assertRejects(() => scenesBenchmark({ queries: 5, scenes: 20 }), Error, "ask for more scenes or fewer queries");
});

Deno.test("sceneParts: both drawings of the target are correct, the reference leaves and its twin stays", () => {
  const parts = sceneParts(benchmark, { wording: "seen", references: "noto" });
  assertEquals(parts.map(({ part }) => part), [...sceneAspects]);
  for (const part of parts) {
    checkPart(part);
    for (const { reference, targets, excluded } of part.queries) {
      assertEquals([targets.length, excluded], [2, [reference]]);
      assert(part.gallery.includes(reference.replace(/0$/, "1")));
    }
  }
  const fluent = sceneParts(benchmark, { wording: "unseen", references: "fluent" }),
    captions = sceneImageCaptions(benchmark);
  for (const { queries, images } of fluent) {
    for (const { reference, excluded } of queries) {
      assertEquals(excluded, []);
      assert(images.has(reference) && captions.has(reference));
    }
  }
});

Deno.test("drawScene: things are where the scene says, as many as it says", async () => {
  const { sprites, source, style } = await loadSprites("noto"), kind = kinds.findIndex(({ name }) => name === "bomb");
  const bytes = new Uint8Array(sceneSize * sceneSize * 3), rng = random(404);
  assertEquals(sprites.length, kinds.length);
  const dark = (fromX: number, toX: number) => {
    let count = 0;
    for (let y = 0; y < sceneSize; y++) {
      for (let x = fromX; x < toX; x++) {
        const at = (y * sceneSize + x) * 3;
        if (bytes[at] + bytes[at + 1] < 220) count++;
      }
    }
    return count;
  };
  const group = { kind, count: 4, size: "large" } as const, other = { kind: 0, count: 1, size: "small" } as const;
  for (const side of ["left", "right"] as const) {
    drawScene({ groups: [group, other], background: "yellow", side }, { style, source, sprites }, bytes, rng);
    const [left, right] = [dark(0, 32), dark(32, 64)];
    assert(side === "left" ? left > 20 * right : right > 20 * left, `${side}: ${left}, ${right}`);
  }
  const amounts = [1, 2, 3, 4].map((count) => {
    drawScene({ groups: [{ ...group, count }], background: "yellow" }, { style, source, sprites }, bytes, rng);
    return dark(0, sceneSize);
  });
  for (const [i, amount] of amounts.entries()) {
    assert(amount > 50 + (amounts[i - 1] ?? 0), amounts.join());
  }
});

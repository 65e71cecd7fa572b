import { assert, assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { pairSimilarity } from "../../lib/studies/pair_similarity.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { type Golden, readGolden, tensorOf } from "../golden.ts";

await useDevice("wasm");

interface PairGolden {
  first: Golden;
  second: Golden;
  names: string[];
  own: number;
  other: number;
  found: number;
  shifted: number;
}

Deno.test("pairSimilarity: cosines of own and other pairs and the share of nearest ones, as NumPy has them", async () => {
  const golden = readGolden<PairGolden>("text_and_image.json"), { names } = golden;
  const first = tensorOf<tf.Tensor2D>(golden.first), second = tensorOf<tf.Tensor2D>(golden.second); // [N, P]
  const before = tf.memory().numTensors;
  const all = await pairSimilarity(first, second, { names });
  // 32-bit floats against 64-bit ones, rounded to six decimals.
  const near = (found: number, expected: number) => assert(Math.abs(found - expected) < 2e-6, `${found}, ${expected}`);
  near(all.own, golden.own);
  near(all.other, golden.other);
  near(all.found, golden.found);
  const N = names.length, others = tf.gather(second, names.map((_, i) => (i + N - 2) % N)); // [N, P]
  const given = await pairSimilarity(first, second, { names, others });
  near(given.other, golden.shifted);
  assertEquals([given.own, given.found], [all.own, all.found]);
  others.dispose();
  assertEquals(tf.memory().numTensors, before);
  // Were the two of one name different things, fewer would be found.
  const apart = await pairSimilarity(first, second, { names: names.map((name, i) => `${name} ${i}`) });
  assert(apart.found < all.found);
  tf.dispose([first, second]);
});

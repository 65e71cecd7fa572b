import { assert, assertEquals } from "@std/assert";
import type { TextConfig } from "../../../lib/clip/model/config.ts";
import { predictPackedMemory } from "../../../lib/clip/packed/memory.ts";

const text: TextConfig = {
  ...{ width: 512, layers: 12, heads: 8, mlpWidth: 2048, vocabulary: 49408, context: 77 },
  ...{ activation: "quick_gelu", layerNormEps: 1e-5, pooling: { at: "largest id" } },
};
const config = { text, projectionWidth: 512 };
/** 128 queries "a photo of [$] that ..." with endings: 4 tokens of prefix, then 20 a row. */
const queries = { prefix: 4, endingSlot: 1, buckets: [{ rows: 128, slots: 20, from: 4, readFrom: 0 }] };
const mega = (options: Parameters<typeof predictPackedMemory>[0]) =>
  Object.values(predictPackedMemory(options)).map((bytes) => Math.round(bytes / 1e6));

// That the figures are true is tested with those that TensorFlow.js counts (tests/rtd/step_memory_test.ts).
Deno.test("predictPackedMemory: ViT-B/32's tower, 128 queries: kept, gradients, working", () => {
  assertEquals(mega({ config, packings: [queries] }), [854, 14, 189]);
});

Deno.test("predictPackedMemory: recomputing keeps inputs alone, and a frozen part has neither activations nor gradients", () => {
  const whole = predictPackedMemory({ config, packings: [queries] });
  const recomputing = predictPackedMemory({ config, packings: [queries], recompute: true });
  // Eleven inputs of 2,564 tokens at most, one of them in the layer that is computed again.
  assert(recomputing.kept < 10 * 2564 * 512 * 4 + whole.kept / 10, `${recomputing.kept}`);
  const trainable = (name: string) => name.includes(".layers.11.") || name.startsWith("text_projection");
  const last = predictPackedMemory({ config, packings: [queries], trainable });
  assert(last.kept < whole.kept / 9 && last.working < whole.working, `${last.kept} ${last.working}`);
  const projection = predictPackedMemory({ config, packings: [queries], trainable: (name) => /^text_proj/.test(name) });
  assertEquals(projection, { kept: 0, gradients: 4 * 512 * 512, working: 0 });
});

Deno.test("predictPackedMemory: several encodings are kept side by side, and a copying backend holds one twice", () => {
  const one = predictPackedMemory({ config, packings: [queries] });
  const three = predictPackedMemory({ config, packings: [queries, queries, queries] });
  assert(three.kept > 2.9 * one.kept && three.kept < 3.1 * one.kept);
  const copying = predictPackedMemory({ config, packings: [queries], copying: true });
  assert(copying.kept > 1.9 * one.kept && copying.working === 0);
});

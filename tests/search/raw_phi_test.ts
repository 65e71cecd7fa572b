import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { imageIndex } from "../../lib/search/image_index.ts";
import { search } from "../../lib/search/search.ts";
import { random } from "../../lib/tensors/random.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";

Deno.test("search: a published phi is given features as the CLIP made them, of an image of the index too", async () => {
  await useDevice("wasm");
  const { clip, phi } = await loadEmbeddedModel({ size: "small" }), P = clip.config.projectionWidth, draw = random(5);
  const rows = Float32Array.from({ length: 6 * P }, () => 9 * draw.uniform() - 4);
  const features = tf.tensor2d(rows, [6, P]), raw = { ...phi, input: "raw" } as const;
  using index = imageIndex(["a", "b", "c", "d", "e", "f"], features);
  const query = { text: "is red", method: "composed", clip, phi: raw, top: 6 } as const;
  const ofRow = await search(index, { ...query, image: 2 });
  const ofFeatures = await search(index, { ...query, image: rows.slice(2 * P, 3 * P) });
  const others = ofFeatures.filter(({ row }) => row !== 2);
  assertEquals(ofRow.map(({ id }) => id), others.map(({ id }) => id));
  ofRow.forEach(({ score }, i) => assertAlmostEquals(score, others[i].score, 1e-5)); // a norm is taken out and put back
  // The norm matters to such a phi, so the two would differ without it.
  const halved = await search(index, { ...query, image: rows.slice(2 * P, 3 * P).map((value) => value / 40) });
  assert(halved.some(({ row, score }) => Math.abs(score - ofFeatures.find((hit) => hit.row === row)!.score) > 1e-3));
  features.dispose();
  disposeWeights({ ...clip.weights, ...phi.weights });
});

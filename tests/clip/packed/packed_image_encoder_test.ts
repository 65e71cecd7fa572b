import { assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../../lib/backend/device.ts";
import { parseClipConfig } from "../../../lib/clip/model/config.ts";
import { encodePixels } from "../../../lib/clip/model/image_encoder.ts";
import { encodePixelsPacked } from "../../../lib/clip/packed/packed_image_encoder.ts";
import * as tf from "../../../lib/tensors/tf.ts";
import { disposeWeights } from "../../../lib/tensors/weights.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, readGolden } from "../../golden.ts";
import { type GoldenClip, goldenWeights, variants } from "../parity.ts";

for (const variant of variants) {
  eachBackend(
    `packed images: features equal the readable tower's, and nothing stays in memory: ${variant}`,
    async () => {
      const { config: json } = readGolden<GoldenClip>(`tiny_clip_${variant}.json`);
      const { vision } = parseClipConfig(json, "tiny"), S = vision.imageSize;
      const weights = goldenWeights(variant);
      for (const B of [1, 3]) {
        const images = tf.randomNormal([B, S, S, 3], 0, 1, "float32", 1) as tf.Tensor4D;
        const expected = encodePixels(weights, vision, images); // [B, P]
        const before = tf.memory().numTensors;
        const features = encodePixelsPacked(weights, vision, images); // [B, P]
        assertEquals(tf.memory().numTensors, before + 1);
        await assertNear(`${B} images`, features, { shape: expected.shape, values: [...await expected.data()] }, 3e-6);
        tf.dispose([images, expected, features]);
      }
      disposeWeights(weights);
    },
  );
}

Deno.test("packed images: another shape is refused", async () => {
  await useDevice("wasm");
  const { config } = readGolden<GoldenClip>("tiny_clip_gelu.json"), { vision } = parseClipConfig(config, "tiny");
  const images = tf.zeros([1, 5, 5, 3]) as tf.Tensor4D;
  assertThrows(() => encodePixelsPacked({}, vision, images), Error, "images is [1,5,5,3], expected [B, S, S, 3]");
  images.dispose();
});

import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encoderChoices } from "../../lib/clip/batch_encoder.ts";
import { gelu, quickGelu } from "../../lib/clip/model/activation.ts";
import { clipConfigJson, parseClipConfig } from "../../lib/clip/model/config.ts";
import { encodePixels } from "../../lib/clip/model/image_encoder.ts";
import { layerNorm } from "../../lib/clip/model/layer_norm.ts";
import { encodeTokens } from "../../lib/clip/model/text_encoder.ts";
import type { TokenBatch } from "../../lib/clip/model/tokenizer.ts";
import { eachBackend } from "../backends.ts";
import { assertGradient, assertNear, readGolden } from "../golden.ts";
import { type GoldenClip, goldenWeights, measureParity, type Parity, tolerances, variants } from "./parity.ts";

for (const variant of variants) {
  for (const encoder of encoderChoices) {
    const title = `features, loss, every text gradient and five training steps equal PyTorch's: ${variant}, ${encoder}`;
    eachBackend(title, async () => {
      const parity = await measureParity(variant, encoder);
      for (const [what, tolerance] of Object.entries(tolerances)) {
        const error = parity[what as keyof Parity];
        assert(error <= tolerance, `${what}: relative error ${error.toExponential(1)}, allowed ${tolerance}`);
      }
    });
  }
}

eachBackend("trimming a batch to its longest row changes no feature", async () => {
  const golden = readGolden<GoldenClip>("tiny_clip_gelu.json");
  const config = parseClipConfig(golden.config, "tiny");
  const weights = goldenWeights("gelu");
  const batch = (length: number): TokenBatch => ({
    ids: Int32Array.from(golden.ids.flatMap((row) => [...row, ...Array(length).fill(38)].slice(0, length))),
    rows: 2,
    length,
    endAt: Int32Array.from(golden.end_at),
  });
  const full = await encodeTokens(weights, config.text, batch(config.text.context)).array() as number[][];
  await assertNear(
    "trimmed",
    encodeTokens(weights, config.text, batch(7)),
    { shape: [2, 14], values: full.flat() },
    1e-6,
  );
});

eachBackend("activations and layer normalisation have the gradient of their central differences", async () => {
  const x = tf.tensor2d([[-2, -0.7, 0.1, 0.9], [3, 0.4, -1.2, 0]]);
  const weigh = tf.tensor2d([[1, -2, 0.5, 1], [0.3, 1, -1, 2]]);
  for (const activation of [gelu, quickGelu]) {
    await assertGradient((x) => tf.sum(tf.mul(activation(x), weigh)) as tf.Scalar, x);
  }
  const gain = tf.tensor1d([1, 0.5, -1, 2]), bias = tf.tensor1d([0.1, 0, 1, -1]);
  const normed = (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
    tf.sum(tf.mul(layerNorm(x as tf.Tensor2D, g as tf.Tensor1D, b as tf.Tensor1D, 1e-5), weigh)) as tf.Scalar;
  await assertGradient((x) => normed(x, gain, bias), x);
  await assertGradient((g) => normed(x, g, bias), gain);
  await assertGradient((b) => normed(x, gain, b), bias);
});

Deno.test("a configuration survives the way out and back, and a bad one is explained", () => {
  const golden = readGolden<GoldenClip>("tiny_clip_gelu.json");
  const config = parseClipConfig(golden.config, "tiny");
  assertEquals(parseClipConfig(clipConfigJson(config), "again"), config);
  assertThrows(() => parseClipConfig([], "c.json"), Error, "Reading c.json failed: the file is not an object");
  assertThrows(
    () => parseClipConfig({ text_config: { hidden_size: 10, num_attention_heads: 3 } }, "c.json"),
    Error,
    "text_config.hidden_size 10 is no multiple of its 3 heads",
  );
  assertThrows(
    () => parseClipConfig({ vision_config: { hidden_act: "relu" } }, "c.json"),
    Error,
    'vision_config.hidden_act is "relu"',
  );
  assertThrows(
    () => parseClipConfig({ projection_dim: "x" }, "c.json"),
    Error,
    'projection_dim is "x", expected a positive whole number',
  );
});

Deno.test("encoders refuse what does not fit", async () => {
  await useDevice("wasm");
  const config = parseClipConfig(readGolden<GoldenClip>("tiny_clip_gelu.json").config, "tiny");
  const tokens: TokenBatch = { ids: Int32Array.of(1, 2), rows: 1, length: 2, endAt: Int32Array.of(1) };
  const pseudoTokens = tf.zeros([1, 16]) as tf.Tensor2D;
  assertThrows(() => encodeTokens({}, config.text, tokens, pseudoTokens), Error, "no text contains [$]");
  const injected = { ...tokens, pseudoTokenMask: Float32Array.of(0, 1) };
  assertThrows(() => encodeTokens({}, config.text, injected), Error, "no pseudo-tokens were given");
  assertThrows(
    () => encodeTokens({}, config.text, injected, tf.zeros([1, 5]) as tf.Tensor2D),
    Error,
    "pseudoTokens is [1,5], expected [B, D] = [1, 16]",
  );
  assertThrows(() => encodeTokens({}, config.text, tokens), Error, "token_embedding.weight");
  assertThrows(
    () => encodePixels({}, config.vision, tf.zeros([1, 9, 8, 3]) as tf.Tensor4D),
    Error,
    "images is [1,9,8,3], expected [B, S, S, 3] with S = 8",
  );
});

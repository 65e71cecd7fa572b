import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { gelu, quickGelu } from "../../lib/clip/activation.ts";
import { clipConfigJson, parseClipConfig } from "../../lib/clip/config.ts";
import { normaliseRows } from "../../lib/clip/contrastive_loss.ts";
import { encodeImage } from "../../lib/clip/image_encoder.ts";
import { layerNorm } from "../../lib/clip/layer_norm.ts";
import { checkShapes } from "../../lib/clip/model_folder.ts";
import { clipShapes, textShapes } from "../../lib/clip/shapes.ts";
import { encodeText } from "../../lib/clip/text_encoder.ts";
import type { TokenBatch } from "../../lib/clip/tokenizer.ts";
import { readSafetensors } from "../../lib/formats/safetensors.ts";
import type { Weights } from "../../lib/clip/weights.ts";
import { applyPhi, type Phi } from "../../lib/projection/phi.ts";
import { rtdLoss } from "../../lib/rtd/loss.ts";
import { adamWDefaults, adamWState, adamWStep } from "../../lib/training/adamw.ts";
import { valueAndGradients } from "../../lib/training/gradients.ts";
import { eachBackend } from "../backends.ts";
import { assertGradient, assertNear, type Golden, readGolden, tensorOf } from "../golden.ts";

interface Tiny {
  config: unknown;
  ids: number[][];
  end_at: number[];
  pseudo_id: number;
  word: Golden;
  picture: Golden;
  anchors: Golden;
  text_features: Golden;
  injected_features: Golden;
  image_features: Golden;
  loss: number;
  gradients: Record<string, Golden>;
  training: {
    phi: Record<string, Golden>;
    learning_rate: number;
    steps: (Record<"references" | "targets" | "composed" | "refined", number[][]> & { noise: Golden })[];
    losses: number[];
    end: Record<string, Golden>;
  };
}

function weightsOf(name: string): Weights {
  const file = new URL(`../goldens/${name}.safetensors`, import.meta.url);
  const { arrays } = readSafetensors(Deno.readFileSync(file), name);
  return Object.fromEntries(Object.entries(arrays).map(([key, { shape, values }]) => [key, tf.tensor(values, shape)]));
}

for (const name of ["quick_gelu", "gelu", "wide_text", "other_eps"].map((variant) => `tiny_clip_${variant}`)) {
  eachBackend(`both towers and every text gradient equal transformers': ${name}`, async () => {
    const golden = readGolden<Tiny>(`${name}.json`);
    const config = parseClipConfig(golden.config, name);
    const weights = weightsOf(name);
    checkShapes(
      Object.fromEntries(Object.keys(weights).map((key) => [key, weights[key].shape])),
      clipShapes(config),
      name,
    );
    const ids = Int32Array.from(golden.ids.flat());
    const plain: TokenBatch = { ids, rows: 2, length: golden.ids[0].length, endAt: Int32Array.from(golden.end_at) };
    const injected = { ...plain, pseudoPlaces: Float32Array.from(ids, (id) => id === golden.pseudo_id ? 1 : 0) };
    const word = tensorOf<tf.Tensor2D>(golden.word);

    // 1e-5 of the largest feature, gradients 1e-4: sums of tens of 32-bit products in another order.
    await assertNear("text", encodeText(weights, config.text, plain), golden.text_features, 1e-5);
    await assertNear("injected", encodeText(weights, config.text, injected, word), golden.injected_features, 1e-5);
    const picture = tensorOf<tf.Tensor4D>(golden.picture);
    await assertNear("image", encodeImage(weights, config.vision, picture), golden.image_features, 1e-5);

    const text = Object.fromEntries(Object.keys(textShapes(config)).map((key) => [key, weights[key]]));
    const anchors = tensorOf<tf.Tensor2D>(golden.anchors);
    const { value, gradients } = valueAndGradients(
      (w) => rtdLoss(anchors, normaliseRows(encodeText(w, config.text, injected, word)), 0.07),
      text,
    );
    await assertNear("loss", value, { shape: [], values: [golden.loss] }, 1e-5);
    assertEquals(Object.keys(gradients).sort(), Object.keys(golden.gradients).sort());
    const largest = Math.max(...Object.values(golden.gradients).flatMap(({ values }) => values.map(Math.abs)));
    for (const [key, gradient] of Object.entries(gradients)) {
      // A key's bias moves every logit of a row alike, so its exact gradient is zero: noise is compared with the largest.
      if (key.endsWith("k_proj.bias")) {
        assertEquals((await gradient.data()).every((g: number) => Math.abs(g) < 1e-5 * largest), true, key);
      } else await assertNear(key, gradient, golden.gradients[key], 1e-4);
    }
  });
}

/** Ids as a batch, padded as the tokenizer pads; id 3 is the pseudo-word. */
function batchOf(rows: number[][]): TokenBatch {
  const length = Math.max(...rows.map((row) => row.length));
  const ids = Int32Array.from(rows.flatMap((row) => [...row, ...Array(length - row.length).fill(row[row.length - 1])]));
  return {
    ids,
    rows: rows.length,
    length,
    endAt: Int32Array.from(rows, (row) => row.length - 1),
    ...(ids.includes(3) ? { pseudoPlaces: Float32Array.from(ids, (id) => id === 3 ? 1 : 0) } : {}),
  };
}

for (const variant of ["quick_gelu", "gelu", "wide_text", "other_eps"]) {
  eachBackend(`five RTD steps with AdamW equal PyTorch's, loss by loss and weight by weight: ${variant}`, async () => {
    const { config: json, training } = readGolden<Tiny>(`tiny_clip_${variant}.json`);
    const config = parseClipConfig(json, variant);
    const frozen = weightsOf(`tiny_clip_${variant}`);
    const phi: Phi = {
      method: "golden",
      input: "raw",
      weights: Object.fromEntries(Object.entries(training.phi).map(([name, golden]) => [name, tensorOf(golden)])),
    };
    const student = Object.fromEntries(Object.keys(textShapes(config)).map((name) => [name, tf.clone(frozen[name])]));
    const state = adamWState(student);
    const options = { ...adamWDefaults, learningRate: training.learning_rate };
    for (const [i, step] of training.steps.entries()) {
      const noise = tensorOf<tf.Tensor2D>(step.noise);
      const encode = (weights: Weights, rows: number[][], words?: tf.Tensor2D) =>
        encodeText(weights, config.text, batchOf(rows), words);
      const references = encode(frozen, step.references), targets = encode(frozen, step.targets);
      const words = applyPhi(phi, tf.add(references, noise));
      const anchors = normaliseRows(tf.concat([targets, references]) as tf.Tensor2D);
      const { value, gradients } = valueAndGradients((w) => {
        const queries = tf.concat([encode(w, step.composed, words), encode(w, step.refined, words)]) as tf.Tensor2D;
        return rtdLoss(anchors, normaliseRows(queries), 0.07);
      }, student);
      // 1e-4: each step starts from the rounding of those before.
      await assertNear(`loss of step ${i + 1}`, value, { shape: [], values: [training.losses[i]] }, 1e-4);
      adamWStep(student, gradients, state, options);
    }
    for (const [name, golden] of Object.entries(training.end)) {
      // The exact gradient of a key's bias is zero, and AdamW divides noise by its own size: no two programs agree.
      if (!name.endsWith("k_proj.bias")) await assertNear(name, student[name], golden, 1e-3);
    }
  });
}

eachBackend("trimming a batch to its longest row changes no feature", async () => {
  const golden = readGolden<Tiny>("tiny_clip_gelu.json");
  const config = parseClipConfig(golden.config, "tiny");
  const weights = weightsOf("tiny_clip_gelu");
  const batch = (length: number): TokenBatch => ({
    ids: Int32Array.from(golden.ids.flatMap((row) => [...row, ...Array(length).fill(38)].slice(0, length))),
    rows: 2,
    length,
    endAt: Int32Array.from(golden.end_at),
  });
  const full = await encodeText(weights, config.text, batch(config.text.context)).array() as number[][];
  await assertNear(
    "trimmed",
    encodeText(weights, config.text, batch(7)),
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
  const golden = readGolden<Tiny>("tiny_clip_gelu.json");
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
  const config = parseClipConfig(readGolden<Tiny>("tiny_clip_gelu.json").config, "tiny");
  const tokens: TokenBatch = { ids: Int32Array.of(1, 2), rows: 1, length: 2, endAt: Int32Array.of(1) };
  const words = tf.zeros([1, 16]) as tf.Tensor2D;
  assertThrows(() => encodeText({}, config.text, tokens, words), Error, "no text contains [$]");
  const injected = { ...tokens, pseudoPlaces: Float32Array.of(0, 1) };
  assertThrows(() => encodeText({}, config.text, injected), Error, "no pseudo-words were given");
  assertThrows(
    () => encodeText({}, config.text, injected, tf.zeros([1, 5]) as tf.Tensor2D),
    Error,
    "pseudoWords is [1,5], expected [B, D] = [1, 16]",
  );
  assertThrows(() => encodeText({}, config.text, tokens), Error, "token_embedding.weight");
  assertThrows(
    () => encodeImage({}, config.vision, tf.zeros([1, 9, 8, 3]) as tf.Tensor4D),
    Error,
    "pictures is [1,9,8,3], expected [B, S, S, 3] with S = 8",
  );
});

import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { adaptedNames, adaptedWeights, initialLora, type LoraChoice } from "../../lib/rtd/lora.ts";
import { changeRecipe, paperRecipe, type RtdRecipe } from "../../lib/rtd/recipe.ts";
import { trainedCount } from "../../lib/rtd/trained_parameters.ts";
import { valueAndGradients } from "../../lib/tensors/gradients.ts";
import { random } from "../../lib/tensors/random.ts";
import { disposeWeights, type Weights } from "../../lib/tensors/weights.ts";
import { eachBackend } from "../backends.ts";
import { assertGradient, assertNear, type Golden, readGolden, tensorOf } from "../golden.ts";
import { goldenModel, small, trainGolden, valuesOf } from "./small_training.ts";

interface Matrices {
  weight: Golden;
  a: Golden;
  b: Golden;
  adapted: Golden;
  a_gradient: Golden;
  b_gradient: Golden;
}

const golden = readGolden<
  { rank: number; alpha: number; x: Golden; loss: number; matrices: Record<string, Matrices> }
>("lora.json");
const lora: LoraChoice = { rank: golden.rank, alpha: golden.alpha, matrices: "qv" };
const layer = (name: string) => `text_model.encoder.layers.0.self_attn.${name}`;

/** The golden's weights, and its A and B. */
function goldenWeights(): { weights: Weights; parameters: Weights } {
  const weights: Weights = {}, parameters: Weights = {};
  for (const [name, { weight, a, b }] of Object.entries(golden.matrices)) {
    weights[`${layer(name)}.weight`] = tensorOf(weight);
    parameters[`${layer(name)}.lora_A`] = tensorOf(a);
    parameters[`${layer(name)}.lora_B`] = tensorOf(b);
  }
  return { weights, parameters };
}

/** The golden's loss; what was adapted is added to `made`. */
function goldenLoss(weights: Weights, parameters: Weights, made: Weights[]): tf.Scalar {
  const adapted = adaptedWeights(weights, parameters, lora, 1), x = tensorOf<tf.Tensor2D>(golden.x);
  made.push(adapted);
  const parts = Object.values(adapted).map((W) => tf.sum(tf.sin(tf.matMul(x, W as tf.Tensor2D, false, true))));
  return tf.addN(parts) as tf.Scalar;
}

eachBackend("adaptedWeights: weights, loss and gradients equal PyTorch's", async () => {
  const { weights, parameters } = goldenWeights(), made: Weights[] = [];
  const { value, gradients } = tf.tidy(() => valueAndGradients((p) => goldenLoss(weights, p, made), parameters));
  // Sums of six 32-bit products in another order.
  await assertNear("loss", value, { shape: [], values: [golden.loss] }, 1e-5);
  for (const [name, { adapted, a_gradient, b_gradient }] of Object.entries(golden.matrices)) {
    await assertNear(name, made[0][`${layer(name)}.weight`], adapted, 1e-6);
    await assertNear(`${name}, A`, gradients[`${layer(name)}.lora_A`], a_gradient, 1e-5);
    await assertNear(`${name}, B`, gradients[`${layer(name)}.lora_B`], b_gradient, 1e-5);
  }
  [weights, parameters, gradients, ...made].forEach(disposeWeights);
  value.dispose();
});

eachBackend("adaptedWeights: gradients equal central differences", async () => {
  const { weights, parameters } = goldenWeights(), made: Weights[] = [];
  for (const [name, parameter] of Object.entries(parameters)) {
    const loss = (x: tf.Tensor) => goldenLoss(weights, { ...parameters, [name]: x }, made);
    // A sine's third derivative times the square of the step.
    await assertGradient(loss, parameter, 3e-3, 5e-3);
  }
  [weights, parameters, ...made].forEach(disposeWeights);
}, ["webgpu"]);

eachBackend("initialLora: the encoder starts as it was; A is drawn from the seed", async () => {
  const { clip } = goldenModel(), { layers } = clip.config.text;
  const own = initialLora(lora, clip.config, random(1)), other = initialLora(lora, clip.config, random(2));
  const adapted = adaptedWeights(clip.weights, own, lora, layers);
  assertEquals(Object.keys(adapted), adaptedNames(lora, layers));
  for (const [name, tensor] of Object.entries(adapted)) {
    assertEquals(await tensor.data(), await clip.weights[name].data());
  }
  const a = Object.keys(own).find((name) => name.endsWith("lora_A"))!, values = await own[a].data();
  assert(values.every((value) => Math.abs(value) <= 1 / Math.sqrt(own[a].shape[1]!)));
  assert(values.some((value, i) => value !== other[a].dataSync()[i]));
  [own, other, adapted].forEach(disposeWeights);
});

const recipe = changeRecipe(small, { lora: { rank: 2, alpha: 4, matrices: "qkvo" } });

eachBackend("trainRtd with LoRA: 4 steps = 2 + resume + 2, bit for bit; only the adapted matrices move", async () => {
  const folder = await Deno.makeTempDir(), checkpoint = `${folder}/c.safetensors`, stop = new AbortController();
  const straight = await trainGolden(recipe);
  const half = await trainGolden(recipe, {
    checkpoint,
    signal: stop.signal,
    onStep: ({ step }) => step === 2 ? stop.abort() : undefined,
  });
  const resumed = await trainGolden(recipe, { checkpoint, resume: true });
  assertEquals([half.steps, resumed.losses], [2, straight.losses]);
  const values = await valuesOf(straight.textWeights), { clip } = goldenModel();
  assertEquals(await valuesOf(resumed.textWeights), values);
  const moved = [];
  for (const [name, own] of Object.entries(values)) {
    const before = await clip.weights[name].data();
    if (own.some((value, i) => value !== before[i])) moved.push(name);
  }
  assertEquals(moved.sort(), adaptedNames(recipe.lora!, clip.config.text.layers).sort());
  [straight, half, resumed].forEach(({ textWeights }) => disposeWeights(textWeights));
  await Deno.remove(folder, { recursive: true });
}, ["webgpu"]);

eachBackend("trainRtd with LoRA: the packed and the plain encoder agree, and no tensor is left behind", async () => {
  const counts: number[] = [], longer = changeRecipe(recipe, { steps: 12 });
  const packed = await trainGolden(longer, { onStep: () => void counts.push(tf.memory().numTensors) });
  const plain = await trainGolden(longer, { encoder: "plain" });
  // The same sums in another order, over twelve steps.
  packed.losses.forEach((loss, i) => assertAlmostEquals(loss, plain.losses[i], 1e-4));
  assert(packed.losses.at(-1)! < packed.losses[0]);
  assertEquals(new Set(counts.slice(2)).size, 1, counts.join());
  [packed, plain].forEach(({ textWeights }) => disposeWeights(textWeights));
}, ["webgpu"]);

Deno.test("changeRecipe: what lora leaves out is filled in, and what it cannot be is refused", () => {
  const change = (changes: object) => changeRecipe(paperRecipe, changes as Partial<RtdRecipe>);
  assertEquals(change({ lora: { rank: 8 } }).lora, { rank: 8, alpha: 8, matrices: "qv" });
  assertEquals(change({ lora: { matrices: "qkvo" } }).lora, { rank: 4, alpha: 4, matrices: "qkvo" });
  const refused: [object, string][] = [
    [{ lora: 3 }, "lora is 3, expected an object, or null"],
    [{ lora: { rank: 0 } }, "lora.rank is 0, expected a whole number from 1"],
    [{ lora: { alpha: -1 } }, "lora.alpha is -1, expected a number above 0"],
    [{ lora: { matrices: "mlp" } }, "lora.matrices is mlp, expected one of qv, qkvo"],
    [{ lora: { r: 4 } }, '"lora.r" is no choice; there are lora.rank, lora.alpha, lora.matrices'],
    [{ lora: { rank: 4 }, trainable: "last block" }, "trainable is last block, expected all, since lora freezes"],
  ];
  for (const [changes, sentence] of refused) assertThrows(() => change(changes), Error, sentence);
});

Deno.test("trainedCount: two matrices a projection, and a part is less than the whole", () => {
  const { text, projectionWidth } = { text: { layers: 12, width: 768, mlpWidth: 3072 }, projectionWidth: 768 };
  const config = { projectionWidth, text: { ...text, vocabulary: 49408, context: 77 } } as Parameters<
    typeof trainedCount
  >[1];
  const of = (changes: Partial<RtdRecipe>) => trainedCount(changeRecipe(paperRecipe, changes), config);
  assertEquals(of({ lora: { rank: 4, alpha: 4, matrices: "qv" } }), 12 * 2 * 2 * 4 * 768);
  assertThrows(
    () => of({ lora: { rank: 769, alpha: 1, matrices: "qv" } }),
    Error,
    "lora.rank is 769, and text_model.encoder.layers.0.self_attn.q_proj.weight has 768 x 768; choose a rank that is not above either",
  );
  assertEquals(of({ trainable: "layer norms and biases" }), 12 * (9 * 768 + 3072) + 2 * 768);
  assertEquals(of({}), 123_650_304); // CLIP ViT-L/14's text tower with its projection
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type ClipConfig, parseClipConfig, type TextConfig } from "../../../lib/clip/model/config.ts";
import { initialClip, textShapes } from "../../../lib/clip/model/shapes.ts";
import { encodeTokens } from "../../../lib/clip/model/text_encoder.ts";
import type { TokenBatch } from "../../../lib/clip/model/tokenizer.ts";
import { encodePacked, encodePackedForTraining } from "../../../lib/clip/packed/packed_text_encoder.ts";
import { type PackingOptions, packTexts } from "../../../lib/clip/packed/packing.ts";
import { useDevice } from "../../../lib/backend/device.ts";
import { valueAndGradients } from "../../../lib/tensors/gradients.ts";
import { random } from "../../../lib/tensors/random.ts";
import * as tf from "../../../lib/tensors/tf.ts";
import { disposeWeights, type Weights } from "../../../lib/tensors/weights.ts";
import { eachBackend } from "../../backends.ts";
import { assertGradient, assertNear, readGolden } from "../../golden.ts";
import { type GoldenClip, goldenWeights, variants } from "../parity.ts";

/** `<s> a photo of`, `[$]` and `<e>` of the made texts. */
const begin = [1, 5, 6, 7], placeholder = 4, end = 2;

/** Made texts: `<s> a photo of [$]` (or `<s>` alone), as many other tokens as asked, `<e>`. */
function texts(others: readonly number[], { prompt }: { prompt: boolean }, vocabulary: number, seed = 1): TokenBatch {
  const rng = random(seed);
  rng.uniform();
  const rows = others.map((count) => [
    ...(prompt ? [...begin, placeholder] : begin.slice(0, 1)),
    ...Array.from({ length: count }, () => 8 + rng.int(vocabulary - 8)),
    end,
  ]);
  const length = Math.max(...rows.map((row) => row.length));
  const ids = Int32Array.from(rows.flatMap((row) => [...row, ...Array(length - row.length).fill(end)]));
  return {
    ids,
    rows: rows.length,
    length,
    endAt: Int32Array.from(rows, (row) => row.length - 1),
    ...(prompt ? { pseudoTokenMask: Float32Array.from(ids, (id) => id === placeholder ? 1 : 0) } : {}),
  };
}

interface Case {
  title: string;
  tokens: TokenBatch;
  endings?: TokenBatch;
  options?: PackingOptions;
}

function cases(vocabulary: number, context: number): Case[] {
  const longest = context - 6;
  const mixed = Array.from({ length: 130 }, (_, i) => i % 11 === 0 ? 0 : (i * 7) % Math.min(longest, 30));
  const prompts = (others: number[]) => texts(others, { prompt: true }, vocabulary);
  const endingsOf = ({ rows }: TokenBatch) => prompts(Array(rows).fill(0));
  const some = prompts([3, 1, longest, 4, 4, 0, 2]);
  const captions = texts([0, 1, 2, context - 2, 5, 5, 3, 9 % longest], { prompt: false }, vocabulary);
  const duplicates = texts([4, 4, 4], { prompt: false }, vocabulary);
  duplicates.ids.copyWithin(duplicates.length, 0, duplicates.length);
  const one = { ids: Int32Array.of(end, 9, end), rows: 3, length: 1, endAt: new Int32Array(3) };
  return [
    { title: "queries with endings", tokens: some, endings: endingsOf(some) },
    { title: "queries with endings, one bucket", tokens: some, endings: endingsOf(some), options: { mostBuckets: 1 } },
    {
      title: "queries with endings, every length a bucket",
      tokens: some,
      endings: endingsOf(some),
      options: { mostBuckets: 99 },
    },
    { title: "queries whose second texts are no endings", tokens: some, endings: prompts([2, 2, 2, 2, 2, 2, 2]) },
    { title: "queries alone", tokens: some },
    { title: "the shortest queries", tokens: prompts([0, 0]) },
    { title: "captions up to the context", tokens: captions },
    { title: "duplicates", tokens: duplicates },
    { title: "one text", tokens: texts([3], { prompt: false }, vocabulary) },
    { title: "texts of one token", tokens: one },
    { title: "130 queries with endings", tokens: prompts(mixed), endings: endingsOf(prompts(mixed)) },
  ];
}

/** The features of texts and endings by the readable tower. */
function readable(weights: Weights, config: TextConfig, { tokens, endings }: Case, pseudoTokens?: tf.Tensor2D) {
  const batches = endings ? [tokens, endings] : [tokens];
  return tf.concat(batches.map((batch) => encodeTokens(weights, config, batch, pseudoTokens))) as tf.Tensor2D;
}

const golden = async (tensor: tf.Tensor) => ({ shape: tensor.shape, values: [...await tensor.data()] });

for (const variant of variants) {
  eachBackend(`packed texts: features and every gradient equal the readable tower's: ${variant}`, async (backend) => {
    const file = readGolden<GoldenClip>(`tiny_clip_${variant}.json`);
    const config = parseClipConfig(file.config, "tiny").text;
    const whole = goldenWeights(variant);
    const weights = Object.fromEntries(Object.entries(whole).filter(([name]) => name.startsWith("text")));
    // A software WebGPU driver compiles a program for seconds, and each case needs others.
    const all = cases(config.vocabulary, config.context);
    for (const one of backend === "webgpu" ? [all[0], all[6]] : all) {
      const B = one.tokens.rows, D = config.width;
      const pseudo = tf.randomNormal([B, D], 0, 0.3, "float32", 3) as tf.Tensor2D;
      const pseudoTokens = one.tokens.pseudoTokenMask ? pseudo : undefined;
      const packing = packTexts(one.tokens, { ...one.options, ...(one.endings ? { endings: one.endings } : {}) });
      const task = { config, packing };
      const expected = readable(weights, config, one, pseudoTokens); // [N, P]
      const features = encodePacked({ ...task, weights, pseudoTokens }); // [N, P]
      await assertNear(`${one.title}: features`, features, await golden(expected), 3e-6);

      const weigh = tf.randomNormal(expected.shape, 0, 1, "float32", 4); // [N, P]
      const parameters = { ...weights, ...(pseudoTokens ? { pseudoTokens } : {}) };
      const gradientsOf = (encode: (weights: Weights, pseudoTokens?: tf.Tensor2D) => tf.Tensor2D) =>
        tf.tidy(() =>
          valueAndGradients(({ pseudoTokens, ...weights }) => {
            return tf.sum(tf.mul(encode(weights, pseudoTokens as tf.Tensor2D | undefined), weigh)) as tf.Scalar;
          }, parameters).gradients
        );
      const wanted = gradientsOf((weights, pseudoTokens) => readable(weights, config, one, pseudoTokens));
      for (const recompute of [false, true]) {
        const found = gradientsOf((weights, pseudoTokens) =>
          encodePackedForTraining({ ...task, weights, pseudoTokens }, { recompute })
        );
        for (const [name, gradient] of Object.entries(wanted)) {
          // The true gradient of a key's bias is 0: shifting all keys shifts all logits of a query alike.
          if (name.endsWith("k_proj.bias")) continue;
          // Sums over up to 2,000 tokens in another order; the tolerance of the same gradients against PyTorch.
          await assertNear(`${one.title}: ${name}`, found[name], await golden(gradient), 1e-4);
        }
        disposeWeights(found);
      }
      disposeWeights(wanted);
      tf.dispose([pseudo, expected, features, weigh]);
    }
    disposeWeights(whole);
  });
}

eachBackend("packed texts: parts that are frozen have no gradient, and the others the same one", async () => {
  const { weights, config, task, pseudoTokens } = small();
  const weigh = tf.randomNormal([8, config.projectionWidth], 0, 1, "float32", 4); // [N, P]
  const gradientsOf = (parameters: Weights, trainable: (name: string) => boolean) =>
    tf.tidy(() =>
      valueAndGradients((parameters) => {
        const { pseudoTokens: trained, ...own } = parameters;
        const features = encodePackedForTraining({
          ...task,
          weights: { ...weights, ...own },
          pseudoTokens: (trained ?? pseudoTokens) as tf.Tensor2D,
        }, { trainable, ofPseudoTokens: trained !== undefined });
        return tf.sum(tf.mul(features, weigh)) as tf.Scalar;
      }, parameters).gradients
    );
  const all = gradientsOf({ ...weights, pseudoTokens }, () => true);
  const parts = {
    "the last layer": (name: string) => name.includes(".layers.1.") || name.includes("final_layer_norm"),
    "the projection": (name: string) => name === "text_projection.weight",
    "the embeddings": (name: string) => name.includes(".embeddings."),
    "biases of the first layer": (name: string) => name.includes(".layers.0.") && name.endsWith(".bias"),
  };
  for (const [title, trainable] of Object.entries(parts)) {
    const trained = Object.fromEntries(Object.entries(weights).filter(([name]) => trainable(name)));
    const found = gradientsOf(trained, trainable);
    for (const name of Object.keys(trained)) {
      await assertNear(`${title}: ${name}`, found[name], await golden(all[name]), 1e-6);
    }
    disposeWeights(found);
  }
  const ofPseudoTokens = gradientsOf({ pseudoTokens }, () => false);
  await assertNear("pseudo-tokens alone", ofPseudoTokens.pseudoTokens, await golden(all.pseudoTokens), 1e-6);
  disposeWeights({ ...all, ...ofPseudoTokens, ...weights, weigh, pseudoTokens });
});

eachBackend("packed texts: the gradient is that of central differences", async () => {
  const { weights, task, pseudoTokens } = small();
  const at = (name: string) => (value: tf.Tensor) => {
    const changed = name === "pseudoTokens"
      ? { weights, pseudoTokens: value }
      : { weights: { ...weights, [name]: value }, pseudoTokens };
    return tf.mean(
      tf.sin(encodePackedForTraining({ ...task, ...changed } as Parameters<typeof encodePacked>[0])),
    ) as tf.Scalar;
  };
  const layer = "text_model.encoder.layers.0";
  for (const name of [`${layer}.layer_norm1.weight`, `${layer}.self_attn.v_proj.bias`, `${layer}.mlp.fc1.bias`]) {
    await assertGradient(at(name), weights[name]);
  }
  await assertGradient(at("pseudoTokens"), pseudoTokens);
  disposeWeights({ ...weights, pseudoTokens });
});

eachBackend("packed texts: nothing stays in memory, and less is needed at once", async (backend) => {
  const { weights, config, one, task, pseudoTokens } = small(backend === "webgpu" ? 12 : 64);
  const step = (features: (weights: Weights) => tf.Tensor2D, parameters = weights) => {
    let peak = 0;
    const loss = (weights: Weights) => {
      const value = tf.sum(tf.square(features(weights))) as tf.Scalar;
      peak = tf.memory().numBytes;
      return value;
    };
    tf.tidy(() => void valueAndGradients(loss, parameters));
    return peak - before.numBytes;
  };
  const before = tf.memory();
  const plain = step((weights) => readable(weights, config.text, one, pseudoTokens));
  const packed = step((weights) => encodePackedForTraining({ ...task, weights, pseudoTokens }));
  const again = step((weights) => encodePackedForTraining({ ...task, weights, pseudoTokens }, { recompute: true }));
  const trainable = (name: string) => name.includes(".layers.1.");
  const trained = Object.fromEntries(Object.entries(weights).filter(([name]) => trainable(name)));
  const ofLast = (ofPseudoTokens: boolean) =>
    step(
      (own) =>
        encodePackedForTraining({ ...task, weights: { ...weights, ...own }, pseudoTokens }, {
          trainable,
          ofPseudoTokens,
        }),
      trained,
    );
  const last = ofLast(false);
  assert(1.2 * last < ofLast(true), `the last layer ${last} bytes, to the pseudo-tokens ${ofLast(true)}`);
  assertEquals(tf.memory().numTensors, before.numTensors);
  assert(3 * packed < plain, `packed ${packed} bytes when the loss is known, readable ${plain}`);
  assert(3 * again < packed, `recomputing ${again} bytes, packed ${packed}`);
  encodePacked({ ...task, weights, pseudoTokens }).dispose();
  assertEquals(tf.memory().numTensors, before.numTensors);
  await Promise.resolve(disposeWeights({ ...weights, pseudoTokens }));
});

Deno.test("packed texts: placeholders and pseudo-tokens come together, one pseudo-token a row", async () => {
  await useDevice("wasm");
  const { weights, config, task, pseudoTokens } = small();
  const captions = packTexts(texts([1, 2], { prompt: false }, config.text.vocabulary));
  assertThrows(() => encodePacked({ ...task, weights }), Error, "contain [$] and no pseudo-tokens were given");
  assertThrows(
    () => encodePackedForTraining({ ...task, packing: captions, weights, pseudoTokens }),
    Error,
    "pseudo-tokens were given and no text contains [$]",
  );
  const one = tf.slice(pseudoTokens, [0, 0], [1, -1]);
  assertThrows(
    () => encodePacked({ ...task, weights, pseudoTokens: one }),
    Error,
    "pseudoTokens is [1,16], expected [B, D] = [4, 16]",
  );
  disposeWeights({ ...weights, pseudoTokens, one });
});

/** A small untrained tower, and queries with their endings. */
function small(B = 4) {
  const tower = { width: 16, layers: 2, heads: 2, mlpWidth: 32, activation: "quick_gelu", layerNormEps: 1e-5 } as const;
  const config: ClipConfig = {
    projectionWidth: 12,
    text: { ...tower, vocabulary: 40, context: 24, pooling: { at: "first end of text", id: end } },
    vision: { ...tower, imageSize: 8, patchSize: 4 },
  };
  const both = initialClip(config, random(5));
  const names = Object.keys(textShapes(config));
  const weights = Object.fromEntries(names.map((name) => [name, both[name]]));
  tf.dispose(Object.keys(both).filter((name) => !names.includes(name)).map((name) => both[name]));
  const tokens = texts(Array.from({ length: B }, (_, i) => (3 * i) % 8), { prompt: true }, 40);
  const one: Case = { title: "", tokens, endings: texts(Array(B).fill(0), { prompt: true }, 40) };
  const task = { config: config.text, packing: packTexts(tokens, { endings: one.endings! }) };
  const pseudoTokens = tf.randomNormal([B, 16], 0, 0.3, "float32", 3) as tf.Tensor2D;
  return { weights, config, one, task, pseudoTokens };
}

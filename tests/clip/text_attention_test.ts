import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseClipConfig, type TextConfig } from "../../lib/clip/model/config.ts";
import { textAttention } from "../../lib/clip/model/text_attention.ts";
import { encodeTokens } from "../../lib/clip/model/text_encoder.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { eachBackend } from "../backends.ts";
import { readGolden } from "../golden.ts";
import { type GoldenClip, goldenWeights } from "./parity.ts";
import { batchOf } from "./token_batch.ts";

const golden = readGolden<GoldenClip>("tiny_clip_gelu.json"), config = parseClipConfig(golden.config, "tiny").text;
/** Texts of different lengths; id 3 is the placeholder. */
const tokens = batchOf([[1, 5, 3, 7, 8, 9, 38], [1, 3, 6, 38]]);

type Matrix = number[][];

/** The attention of every layer in 64-bit numbers and plain loops, `[layers][heads][T][T]` of one row of texts. */
async function directly(
  weights: Record<string, tf.Tensor>,
  ids: readonly number[],
  pseudoToken: readonly number[],
): Promise<Matrix[][]> {
  const { heads: H, width: D, layers: L, layerNormEps } = config, T = ids.length;
  const read = async (name: string) => await weights[name].array() as unknown;
  const matrix = async (name: string) => await read(`${name}.weight`) as Matrix;
  const vector = async (name: string) => await read(name) as number[];
  const [words, places] = [
    await matrix("text_model.embeddings.token_embedding"),
    await matrix("text_model.embeddings.position_embedding"),
  ];
  const linear = async (x: Matrix, name: string) => {
    const [W, b] = [await matrix(name), await vector(`${name}.bias`)];
    return x.map((row) => W.map((w, i) => b[i] + w.reduce((sum, one, d) => sum + one * row[d], 0)));
  };
  const norm = async (x: Matrix, name: string) => {
    const [gain, bias] = [await vector(`${name}.weight`), await vector(`${name}.bias`)];
    return x.map((row) => {
      const mean = row.reduce((sum, one) => sum + one, 0) / D;
      const variance = row.reduce((sum, one) => sum + (one - mean) ** 2, 0) / D;
      return row.map((one, d) => (one - mean) / Math.sqrt(variance + layerNormEps) * gain[d] + bias[d]);
    });
  };
  const add = (a: Matrix, b: Matrix) => a.map((row, t) => row.map((one, d) => one + b[t][d]));
  let x = ids.map((id, t) => (id === 3 ? pseudoToken : words[id]).map((one, d) => one + places[t][d]));
  const all: Matrix[][] = [];
  for (let layer = 0; layer < L; layer++) {
    const name = `text_model.encoder.layers.${layer}`, input = await norm(x, `${name}.layer_norm1`);
    const [q, k, v] = await Promise.all(
      ["q_proj", "k_proj", "v_proj"].map((part) => linear(input, `${name}.self_attn.${part}`)),
    );
    const shares = Array.from({ length: H }, (_, h) => {
      const own = Array.from({ length: D / H }, (_, i) => h * D / H + i);
      return q.map((query, t) => {
        const logits = k.slice(0, t + 1).map((key) =>
          own.reduce((sum, d) => sum + query[d] * key[d], 0) / Math.sqrt(D / H)
        );
        const each = logits.map(Math.exp), sum = each.reduce((a, b) => a + b, 0);
        return [...each.map((one) => one / sum), ...Array(T - t - 1).fill(0)];
      });
    });
    all.push(shares);
    const mixed = q.map((row, t) =>
      row.map((_, d) => shares[Math.floor(d / (D / H))][t].reduce((sum, share, at) => sum + share * v[at][d], 0))
    );
    x = add(x, await linear(mixed, `${name}.self_attn.out_proj`));
    const hidden = await linear(await norm(x, `${name}.layer_norm2`), `${name}.mlp.fc1`);
    const gelu = (one: number) => one * (1 + erf(one / Math.SQRT2)) / 2;
    x = add(x, await linear(hidden.map((row) => row.map(gelu)), `${name}.mlp.fc2`));
  }
  return all;
}

/** The error function, by its series. */
function erf(x: number): number {
  let term = x, sum = x;
  for (let n = 1; n < 100; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

eachBackend(
  "textAttention: the shares of a direct computation, which sum to 1, and the features of encodeTokens",
  async () => {
    const weights = goldenWeights("gelu"), { heads: H, layers: L } = config, { length: T } = tokens;
    const rows = Array.from(
      { length: 2 },
      (_, row) => Array.from({ length: config.width }, (_, d) => Math.sin(3 * row + d)),
    );
    const pseudoTokens = tf.tensor2d(rows); // [B, D]
    const before = tf.memory().numTensors;
    const { features, layers } = textAttention(weights, config, tokens, pseudoTokens);
    assertEquals([layers.length, ...layers.map(({ shape }) => shape.join())], [L, ...Array(L).fill(`2,${H},${T}`)]);
    const plain = encodeTokens(weights, config, tokens, pseudoTokens);
    assertEquals(await features.array(), await plain.array());
    const found = await Promise.all(layers.map((one) => one.array() as Promise<number[][][]>));
    for (const row of [0, 1]) {
      const end = tokens.endAt[row], ids = [...tokens.ids.slice(row * T, row * T + end + 1)];
      const expected = await directly(weights, ids, rows[row]);
      for (let layer = 0; layer < L; layer++) {
        for (let head = 0; head < H; head++) {
          const shares = found[layer][row][head];
          assert(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-6, `${shares}`);
          assert(shares.slice(end + 1).every((share) => share === 0));
          for (const [at, share] of expected[layer][head][end].entries()) {
            // 32-bit floats against 64-bit ones, of values up to 1.
            assert(Math.abs(shares[at] - share) < 1e-5, `layer ${layer}, head ${head}: ${shares[at]} for ${share}`);
          }
        }
      }
    }
    tf.dispose([features, plain, ...layers]);
    assertEquals(tf.memory().numTensors, before);
  },
);

eachBackend("textAttention: what fails in a later layer leaves no tensor of an earlier one", () => {
  const weights = goldenWeights("gelu"), more: TextConfig = { ...config, layers: config.layers + 1 };
  const pseudoTokens = tf.zeros([2, config.width]) as tf.Tensor2D, before = tf.memory().numTensors;
  assertThrows(() => textAttention(weights, more, tokens, pseudoTokens), Error, "Looking up the weight");
  assertEquals(tf.memory().numTensors, before);
  return Promise.resolve();
});

import { assertEquals } from "@std/assert";
import { packedFlops, plainFlops } from "../../bench/flops.ts";
import { recordKernels } from "../../bench/kernels.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { encodePacked, encodePackedForTraining } from "../../lib/clip/packed/packed_text_encoder.ts";
import { packTexts } from "../../lib/clip/packed/packing.ts";
import { encodeTokens } from "../../lib/clip/model/text_encoder.ts";
import { composedPrompt, imagePrompt } from "../../lib/projection/prompts.ts";
import { valueAndGradients } from "../../lib/tensors/gradients.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { madeModel } from "../rtd/made_model.ts";

Deno.test("flops: by hand for one token of a tower of one layer", () => {
  const config = { width: 2, mlpWidth: 3, layers: 1, heads: 1 } as Parameters<typeof plainFlops>[0];
  // Four products of [1, 2] and [2, 2], two with the perceptron's 3, two of the attention, the projection to 2.
  assertEquals(plainFlops(config, 2, { rows: 1, length: 1 }), 4 * 8 + 2 * 12 + 2 * 4 + 8);
  const packing = { prefix: 0, buckets: [{ rows: 1, slots: 1, from: 0, readFrom: 0 }] };
  assertEquals(packedFlops(config, 2, packing), 72);
});

Deno.test("flops: those of the matrix products that are run, and a gradient takes twice as many", async () => {
  await useDevice("wasm");
  const recorder = recordKernels();
  const { clip, phi } = madeModel({ width: 16, layers: 3, heads: 2, vocabulary: 100, mlpWidth: 40 });
  const { config: { text: config, projectionWidth: P }, tokenizer, weights } = clip;
  const long = Array.from({ length: 40 }, (_, i) => `w${i}`).join(" ");
  const queries = ["w1 w2", "w3", long, "w1"].map(composedPrompt);
  const tokens = tokenizer.encode(queries), endings = tokenizer.encode(queries.map(() => imagePrompt));
  const pseudoTokens = tf.randomNormal([4, 16], 0, 1, "float32", 1) as tf.Tensor2D; // [B, D]
  const counted = (work: () => unknown) => {
    recorder.start();
    tf.dispose(tf.tidy(work as () => tf.TensorContainer));
    // On WebAssembly a transposed operand is written out before: the shapes are those of the product.
    const products = recorder.stop().filter(({ kernel }) => kernel === "BatchMatMul");
    return products.reduce((sum, { inputs: { a, b }, attrs, count }) => {
      const [m, k] = attrs.transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
      const n = attrs.transposeB ? b.shape.at(-2)! : b.shape.at(-1)!;
      const batch = a.shape.slice(0, -2).reduce((product, side) => product * side, 1);
      return sum + 2 * count * batch * m * k * n;
    }, 0);
  };
  const packing = packTexts(tokens, { endings, mostBuckets: 2 }), task = { weights, config, packing, pseudoTokens };
  assertEquals(packing.buckets.length, 2);
  const packed = packedFlops(config, P, packing);
  assertEquals(counted(() => encodePacked(task)), packed);
  const training = () =>
    valueAndGradients(
      (trained) => tf.sum(encodePackedForTraining({ ...task, weights: trained })) as tf.Scalar,
      weights,
    );
  assertEquals(counted(training), 3 * packed);
  const plain = plainFlops(config, P, { rows: 4, length: tokens.length });
  assertEquals(counted(() => encodeTokens(weights, config, tokens, pseudoTokens)), plain);
  [weights, phi.weights].forEach(disposeWeights);
});

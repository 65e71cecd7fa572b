import { assertEquals } from "@std/assert";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { encodeTokens } from "../../lib/clip/model/text_encoder.ts";
import { frozenTextFeatures, mostCached } from "../../lib/clip/frozen_text_features.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { assertNear } from "../golden.ts";
import { goldenClip } from "../projection/golden_clip.ts";
import { english, modelOf, nouns, numbers, words } from "../rtd/small_training.ts";

eachBackend("frozenTextFeatures: features are the readable encoder's, expected or not", async (backend) => {
  const { clip } = await modelOf(backend);
  const captions = english.map(({ target }) => target);
  const expected = await frozenTextFeatures(clip, { expected: captions }).features(captions); // [B, P]
  const others = await frozenTextFeatures(clip).features(captions); // [B, P]
  const readable = encodeTokens(clip.weights, clip.config.text, clip.tokenizer.encode(captions)); // [B, P]
  const golden = { shape: readable.shape, values: [...await readable.data()] };
  await assertNear("expected", expected, golden, 3e-6);
  await assertNear("not expected", others, golden, 3e-6);
});

eachBackend(
  "frozenTextFeatures: what is not expected is encoded by each call, and no more is kept than fits",
  async () => {
    const clip = goldenClip(), { encode } = clip.tokenizer;
    let encoded = 0;
    const tokenizer = {
      ...clip.tokenizer,
      encode: (texts: readonly string[]) => (texts.length > 1 && encoded++, encode(texts)),
    };
    const [a, b, c] = numbers.map(({ target }) => target);
    const many = Array.from({ length: mostCached + 1 }, (_, i) => `${i}`);
    for (const expected of [undefined, [], many]) {
      const frozen = frozenTextFeatures({ ...clip, tokenizer }, { expected });
      encoded = 0;
      const first = await (await frozen.features([a, b, a, c])).data();
      assertEquals(encoded, 1);
      assertEquals(await (await frozen.features([a, b, a, c])).data(), first);
      assertEquals(encoded, 2);
      assertEquals(first.slice(0, 14), first.slice(28, 42));
    }
  },
  ["webgpu"],
);

eachBackend("frozenTextFeatures: expected texts are encoded by the block, and are then there", async () => {
  const clip = goldenClip(), { encode } = clip.tokenizer;
  const rows: number[] = [];
  const tokenizer = {
    ...clip.tokenizer,
    encode: (texts: readonly string[]) => (texts.length > 1 && rows.push(new Set(texts).size), encode(texts)),
  };
  const length = (text: string) => encode([text]).length;
  const all = [...new Set(numbers.flatMap(({ reference, target }) => [reference, target]))];
  const same = all.filter((text) => length(text) === length(all[0]));
  assertEquals(same.length, 40);
  const frozen = frozenTextFeatures({ ...clip, tokenizer }, { expected: all });
  const first = await (await frozen.features(same.slice(0, 2))).data();
  assertEquals(rows, [16]);
  rows.length = 0;
  await frozen.features(same.slice(0, 16).reverse());
  assertEquals(rows, []);
  await frozen.features(same);
  assertEquals(rows, [16, 8]);
  assertEquals(await (await frozen.features(same.slice(0, 2))).data(), first);
});

eachBackend("frozenTextFeatures: an expected text has the same bits whatever else is asked for, and when", async () => {
  const { clip, phi } = await loadEmbeddedModel(), P = clip.config.projectionWidth, rng = random(3);
  const texts = nouns.flatMap((noun) => words.slice(0, 5).map((word) => `${word} ${noun}`));
  const found = new Map<string, Set<string>>();
  for (let repeat = 0; repeat < 12; repeat++) {
    const frozen = frozenTextFeatures(clip, { expected: texts }), order = rng.shuffle(texts);
    for (const part of [order.slice(0, 8), order.slice(4, 12), order]) {
      const features = await frozen.features(part); // [B, P]
      const values = await features.data() as Float32Array;
      features.dispose();
      part.forEach((text, i) => {
        const bits = new Uint8Array(values.slice(i * P, (i + 1) * P).buffer).toHex();
        found.set(text, (found.get(text) ?? new Set()).add(bits));
      });
    }
  }
  assertEquals([...found.values()].map(({ size }) => size), texts.map(() => 1));
  [clip, phi].forEach(({ weights }) => disposeWeights(weights));
}, ["webgpu"]);

import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { nearestWords } from "../../lib/projection/nearest_words.ts";

Deno.test("nearestWords: the nearest word to a word's own embedding is the word", async () => {
  await useDevice("wasm");
  const { clip } = await loadEmbeddedModel();
  const { vocab } = (clip.tokenizer.json as { model: { vocab: Record<string, number> } }).model;
  const table = clip.weights["text_model.embeddings.token_embedding.weight"];
  const own = tf.gather(table, tf.tensor1d([vocab.apple, vocab.running], "int32")) as tf.Tensor2D;
  const near = await nearestWords(clip, own, 3);
  assertEquals(near.map(([{ word }]) => word), ["apple", "running"]);
  assert(near.every((list) => Math.abs(list[0].cosine - 1) < 1e-5 && list[1].cosine < 1 && list.length === 3));
});

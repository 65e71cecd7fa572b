import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { encodeImages, encodeTexts } from "../../lib/clip/encode.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { eachBackend } from "../backends.ts";

const stop = () => {
  throw new Error("stopped");
};

eachBackend("encodeTexts: there is one pseudo-token a text, and no texts have no features", async () => {
  const clip = await loadClip(embeddedModelFolder("small"), { towers: "text" });
  const { projectionWidth, text } = clip.config;
  for (const [texts, rows] of [[["a [$]"], 3], [["a [$]", "the [$]"], 1], [[], 1]] as const) {
    const pseudoTokens = tf.zeros([rows, text.width]) as tf.Tensor2D;
    await assertRejects(
      () => encodeTexts(clip, texts, { pseudoTokens }),
      Error,
      `Encoding texts failed: there are ${texts.length} texts and ${rows} pseudo-tokens; pass one a text.`,
    );
  }
  assertEquals((await encodeTexts(clip, [])).shape, [0, projectionWidth]);
  tf.dispose(clip.weights);
});

eachBackend("encodeImages: pixels that are no whole images are refused, and no images have no features", async () => {
  const clip = await loadClip(embeddedModelFolder("small"), { towers: "image" });
  const size = clip.config.vision.imageSize ** 2 * 3;
  await assertRejects(
    () => encodeImages(clip, new Float32Array(size + 1)),
    Error,
    `Encoding images failed: ${size + 1} numbers are no whole number of images of 32 x 32 pixels`,
  );
  assertEquals((await encodeImages(clip, new Float32Array())).shape, [0, clip.config.projectionWidth]);
  tf.dispose(clip.weights);
});

eachBackend(
  "encodeTexts and encodeImages free their batches when they are stopped, and when they are done",
  async () => {
    const clip = await loadClip(embeddedModelFolder("small"));
    const pixels = new Float32Array(3 * clip.config.vision.imageSize ** 2 * 3);
    const pseudoTokens = tf.zeros([2, clip.config.text.width]) as tf.Tensor2D;
    const before = tf.memory().numTensors;
    const twice = () => {
      let batches = 0;
      return () => ++batches === 2 ? stop() : undefined;
    };
    await assertRejects(
      () => encodeTexts(clip, ["red", "blue", "green"], { batch: 1, onProgress: twice() }),
      Error,
      "stop",
    );
    await assertRejects(() => encodeImages(clip, pixels, { batch: 1, onProgress: twice() }), Error, "stop");
    // The first batch is encoded before the tokenizer refuses the second.
    await assertRejects(() => encodeTexts(clip, ["a [$]", "the red apple"], { batch: 1, pseudoTokens }), Error);
    assertEquals(tf.memory().numTensors, before);
    tf.dispose([
      await encodeTexts(clip, ["red", "blue"], { batch: 1 }),
      await encodeImages(clip, pixels, { batch: 2 }),
    ]);
    assertEquals(tf.memory().numTensors, before);
    tf.dispose([clip.weights, pseudoTokens]);
  },
);

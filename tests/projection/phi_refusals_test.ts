import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { invertImages } from "../../lib/projection/searle/invert_images.ts";
import { paperInversion } from "../../lib/projection/searle/textual_inversion.ts";
import { pic2wordObjective } from "../../lib/projection/pic2word/pic2word.ts";
import { initialPhi } from "../../lib/projection/phi.ts";
import { selfRetrieval } from "../../lib/projection/self_retrieval.ts";
import { searleObjective } from "../../lib/projection/searle/searle.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { goldenClip } from "./golden_clip.ts";
import { draw, made } from "./made_images.ts";

eachBackend("objectives: too little to train on is one sentence", async () => {
  const clip = goldenClip();
  assertThrows(() => pic2wordObjective(clip, made(14, 1), 0, { batch: 4, input: "raw" }), Error, "there is 1 image");
  const options = { batch: 4, input: "raw", temperature: 0.25, phraseWeight: 0.75, anchor: true } as const;
  assertThrows(
    () => searleObjective(clip, { features: made(14, 3), inverted: made(16, 2), draw }, 0, options),
    Error,
    "there are 3 images and 2 inverted tokens",
  );
  await assertRejects(
    () => invertImages(clip, { names: [], features: tf.zeros([0, 14]), phrases: "" }, paperInversion),
    Error,
    "Inverting images failed: there are none",
  );
}, ["tensorflow", "webgpu"]);

eachBackend("selfRetrieval: an error frees the pseudo-tokens", async () => {
  const clip = goldenClip(), weights = initialPhi("gelu", { embedding: 14, hiddenWidth: 6, token: 16 }, random(1));
  const features = made(14, 3), before = tf.memory().numTensors;
  const onProgress = () => {
    throw new Error("stopped");
  };
  await assertRejects(
    () => selfRetrieval(clip, { weights, input: "raw" }, features, { onProgress }),
    Error,
    "stopped",
  );
  assertEquals(tf.memory().numTensors, before);
}, ["tensorflow", "webgpu"]);

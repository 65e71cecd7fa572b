import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { invertImages } from "../../lib/projection/searle/invert_images.ts";
import { invertBatch, paperInversion } from "../../lib/projection/searle/textual_inversion.ts";
import { loadPseudoTokens, savePseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import { random } from "../../lib/tensors/random.ts";
import { eachBackend } from "../backends.ts";
import { goldenClip, ofWidth } from "./golden_clip.ts";
import { draw, drawer, made } from "./made_images.ts";

eachBackend("invertImages: keeps finished batches, whatever stops it, and inverts no batch twice", async () => {
  const clip = goldenClip(), cache = await Deno.makeTempDir();
  const task = { names: ["a", "b", "c", "d", "e"], features: made(14, 5), draw, phrases: "made" };
  const options = { ...paperInversion, steps: 3, batch: 2, templates: ["37 5 3 39", "37 6 3 39"] };
  const straight = await invertImages(clip, task, options);
  let steps = 0;
  const before = tf.memory().numTensors;
  await assertRejects(
    () =>
      invertImages(clip, {
        ...task,
        cache,
        onStep() {
          if (++steps === 5) throw new Error("killed");
        },
      }, options),
    Error,
    "killed",
  );
  assertEquals(tf.memory().numTensors, before);
  steps = 0;
  const resumed = await invertImages(clip, { ...task, cache, onStep: () => void steps++ }, options);
  assertEquals(steps, 1 + 3 + 3); // one report of the finished batch, three steps of each other
  assertEquals(await resumed.tokens.data(), await straight.tokens.data());
  // Another seed is another run: nothing of it is there.
  steps = 0;
  await invertImages(clip, { ...task, cache, onStep: () => void steps++ }, { ...options, seed: 1 });
  assertEquals(steps, 9);
  // So are other images under the same names.
  steps = 0;
  const moved = { ...task, features: tf.mul(task.features, -1) as tf.Tensor2D };
  await invertImages(clip, { ...moved, cache, onStep: () => void steps++ }, options);
  assertEquals(steps, 9);
  // So are other phrases, whatever their description says.
  steps = 0;
  const others = { ...task, draw: drawer(draw, "others") };
  await invertImages(clip, { ...others, cache, onStep: () => void steps++ }, options);
  assertEquals(steps, 9);

  const file = `${cache}/pseudo-tokens.safetensors`;
  await savePseudoTokens(file, resumed, "F32");
  const again = await loadPseudoTokens(clip, file);
  assertEquals([again.names, again.provenance], [task.names, resumed.provenance]);
  assertEquals(await again.tokens.data(), await resumed.tokens.data());
  await assertRejects(
    () => loadPseudoTokens(ofWidth(9), file),
    Error,
    "its pseudo-tokens are [5,16], needed is [5, 9]",
  );
  await Deno.remove(cache, { recursive: true });
}, ["webgpu"]);

eachBackend("invertBatch and invertImages: an error frees their tensors; names and features must agree", async () => {
  const clip = goldenClip(), features = made(14, 3), before = tf.memory().numTensors;
  const options = { ...paperInversion, steps: 2, batch: 9, templates: ["37 5 3 39"] };
  const onStep = () => {
    throw new Error("stopped");
  };
  await assertRejects(
    () => invertBatch(clip, { features, first: 0 }, options, random(1), { onStep }),
    Error,
    "stopped",
  );
  assertEquals(tf.memory().numTensors, before);
  for (const names of [["a"], ["a", "b", "c", "d"]]) {
    await assertRejects(
      () => invertImages(clip, { names, features, phrases: "" }, options),
      Error,
      `there are ${names.length} names and features is [3,14]`,
    );
  }
  const cache = await Deno.makeTempFile(), names = ["a", "b", "c"];
  await assertRejects(
    () => invertImages(clip, { names, features, phrases: "", cache }, options),
    Error,
    `Writing into the folder ${cache} failed: it is a file`,
  );
  await Deno.remove(cache);
  // A file takes the place of the cache while the batch is inverted: its tokens cannot be written.
  const folder = await Deno.makeTempDir();
  const goes = {
    names,
    features,
    phrases: "",
    cache: `${folder}/cache`,
    onStep: async (done: number) => {
      if (done === 2) await Deno.writeTextFile(`${folder}/cache`, "");
    },
  };
  await assertRejects(() => invertImages(clip, goes, options), Error, "failed");
  assertEquals(tf.memory().numTensors, before);
  await Deno.remove(folder, { recursive: true });
}, ["tensorflow", "webgpu"]);

eachBackend("invertImages: batches that another backend inverted are not read", async (backend) => {
  const cache = await Deno.makeTempDir(), options = { ...paperInversion, steps: 2, templates: ["37 5 3 39"] };
  const invert = async () => {
    let steps = 0;
    const task = { names: ["a", "b"], features: made(14, 2), phrases: "", cache, onStep: () => void steps++ };
    (await invertImages(goldenClip(), task, options)).tokens.dispose();
    return steps;
  };
  try {
    assertEquals([await invert(), await invert()], [2, 1]);
    await tf.setBackend("cpu");
    assertEquals([await invert(), await invert()], [2, 1]);
  } finally {
    await tf.setBackend(backend);
    await Deno.remove(cache, { recursive: true });
  }
}, ["tensorflow", "webgpu"]);

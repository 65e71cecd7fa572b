import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { loadTextEncoder, saveTextEncoder } from "../../lib/clip/files/text_folder.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { embeddedModelFolder } from "../../lib/emoji/model/embedded_model.ts";
import { filePath } from "../../lib/io/path.ts";
import { readSafetensors } from "../../lib/io/safetensors.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { valuesOf } from "../rtd/small_training.ts";
import { device, runTask } from "./run_command.ts";

const clipFolder = filePath(embeddedModelFolder("small"));

Deno.test("average: writes the encoder between the two, which can be loaded, and says what it is made of", async () => {
  await useDevice("wasm");
  const cwd = await Deno.makeTempDir(), clip = await loadClip(clipFolder, { towers: "text" });
  const doubled = Object.fromEntries(Object.entries(clip.weights).map(([name, one]) => [name, tf.mul(one, 2)]));
  await saveTextEncoder(`${cwd}/tuned`, { clip, weights: doubled, metadata: { clip: clip.hash } });
  const own = ["--clip", clipFolder, "--text-encoder", "tuned", "--device", device];
  const { code, out, text } = await runTask("average", [...own, "--share", "0.25", "--out", "averaged"], { cwd });
  assertEquals(code, 0, text);
  assertStringIncludes(out, `${cwd}/averaged: 0.25 of ${cwd}/tuned, 0.75 of the frozen encoder`);
  const averaged = await loadTextEncoder(clip, `${cwd}/averaged`), name = "text_model.final_layer_norm.weight";
  // Exact in binary: 0.75 w + 0.25 * 2 w = 1.25 w, up to the rounding of the sum.
  const [values, before] = [await valuesOf(averaged.weights), await valuesOf(clip.weights)];
  assertEquals(Object.keys(values).length, Object.keys(doubled).length);
  values[name].forEach((value, i) => assertEquals(Math.fround(value / before[name][i]), Math.fround(1.25)));
  const { metadata } = readSafetensors(await Deno.readFile(`${cwd}/averaged/model.safetensors`), "averaged");
  assertEquals([metadata.clip, metadata.share, metadata.fineTuned.length], [clip.hash, "0.25", 64]);

  const refused = await runTask("average", [...own, "--share", "0.5", "--out", "tuned"], { cwd });
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.err, `--out is ${cwd}/tuned, which is read; name another folder.`);
  const outside = await runTask("average", [...own, "--share", "2", "--out", "x"], { cwd });
  assertStringIncludes(outside.err, '--share "2" is not a number from 0 to 1.');
  await Deno.writeTextFile(`${cwd}/tuned/model.safetensors`, "damaged");
  const damaged = await runTask("average", [...own, "--share", "0.5", "--out", "x"], { cwd });
  assertEquals(damaged.code, 1);
  assertStringIncludes(damaged.err, `${cwd}/tuned/model.safetensors`);
  assertEquals([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), ["averaged", "tuned"]);
  await Deno.remove(cwd, { recursive: true });
});

import * as tf from "../../lib/tensors/tf.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { loadPseudoTokens, savePseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import { ofWidth } from "./golden_clip.ts";

const clip = ofWidth(3);

Deno.test("savePseudoTokens: the array is called pseudo_tokens; loadPseudoTokens reads version 0.1's words too", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), file = `${folder}/new.safetensors`, old = `${folder}/old.safetensors`;
  const tokens = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
  await savePseudoTokens(file, { names: ["a", "b"], tokens, provenance: { method: "made" } });
  const { arrays, metadata } = readSafetensors(await Deno.readFile(file), file);
  assertEquals(Object.keys(arrays), ["pseudo_tokens"]);
  assertEquals(metadata, { names: '["a","b"]', provenance: '{"method":"made"}' });
  await Deno.writeFile(old, writeSafetensors({ words: arrays.pseudo_tokens }, metadata));
  const [before, now] = [await loadPseudoTokens(clip, old), await loadPseudoTokens(clip, file)];
  for (const loaded of [before, now]) {
    assertEquals([loaded.names, loaded.provenance], [["a", "b"], { method: "made" }]);
    assertEquals(await loaded.tokens.array(), [[1, 2, 3], [4, 5, 6]]);
  }
  // Other bytes, another hash: a cache of runs tells them apart.
  assertEquals(before.hash.length, 64);
  assertEquals(before.hash === now.hash, false);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("loadPseudoTokens: a missing file, another file and another CLIP's are refused", async () => {
  await useDevice("wasm");
  const folder = await Deno.makeTempDir(), file = `${folder}/other.safetensors`;
  await assertRejects(
    () => loadPseudoTokens(clip, `${folder}/none`),
    Error,
    `there is no file ${folder}/none; "deno task train-phi" makes one`,
  );
  const array = { shape: [1, 2], values: Float32Array.of(1, 2) };
  await Deno.writeFile(file, writeSafetensors({ phi: array }, { names: '["a"]', provenance: "{}" }));
  await assertRejects(() => loadPseudoTokens(clip, file), Error, "it holds no pseudo-tokens of images");
  await Deno.writeFile(file, writeSafetensors({ words: array }, { names: '["a"]', provenance: "{}" }));
  await assertRejects(
    () => loadPseudoTokens(clip, file),
    Error,
    "are [1,2], needed is [1, 3]; they were made for another",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("loadPseudoTokens: those of another CLIP of the same width are refused by name", async () => {
  await useDevice("wasm");
  const file = await Deno.makeTempFile({ suffix: ".safetensors" });
  await savePseudoTokens(file, { names: ["a"], tokens: tf.tensor2d([[1, 2, 3]]), provenance: { clip: "aaaa" } });
  const load = (hash: string) => loadPseudoTokens({ ...clip, hash }, file);
  await assertRejects(() => load("bbbb"), Error, "for the CLIP aaaa, this CLIP is bbbb");
  assertEquals((await load("aaaa")).names, ["a"]);
  // Weights alone name a CLIP in a file, not its identity, which tells tokenizers and preprocessing apart too.
  const named = { ...clip, hash: "bbbb", identity: "aaaa" };
  await assertRejects(() => loadPseudoTokens(named, file), Error, "for the CLIP aaaa, this CLIP is bbbb");
  await Deno.remove(file);
});

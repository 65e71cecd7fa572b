import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { applyPhi, initialPhi } from "../../lib/projection/phi.ts";
import { loadPhi, savePhi } from "../../lib/projection/phi_file.ts";
import { random } from "../../lib/tensors/random.ts";
import { ofWidth } from "./golden_clip.ts";

const golden = (name: string) => new URL(`../goldens/${name}`, import.meta.url);
await useDevice("wasm");
const two = ofWidth(2, 2);

Deno.test("loadPhi: Pic2Word's released phi has ReLU between its layers", async () => {
  const phi = await loadPhi(two, golden("pic2word.pt"));
  assertEquals([phi.method, phi.input], ["Pic2Word", "raw"]);
  // By hand: layers.0.0 = [[0, .25], [.5, .75]] x + [0, .25], and so on with the counting begun at 1/4 and 2/4.
  const relu = (x: number[]) => x.map((value) => Math.max(0, value));
  const layer = (start: number, x: number[]) =>
    [0, 1].map((row) => (start + 2 * row) / 4 * x[0] + (start + 2 * row + 1) / 4 * x[1] + (start + row) / 4);
  for (const x of [[1, -2], [-3, 1], [2, 2]]) {
    const expected = layer(2, relu(layer(1, relu(layer(0, x)))));
    const found = await applyPhi(phi, tf.tensor2d([x])).data();
    expected.forEach((value, i) => assert(Math.abs(value - found[i]) < 1e-5, `${found} for ${expected}`));
  }
});

Deno.test("savePhi: a phi survives the way out and back, and its hash is the file's", async () => {
  const phi = {
    method: "LinCIR",
    input: "raw" as const,
    provenance: { data: "none", training: { seed: 1 } },
    weights: initialPhi("gelu", { embedding: 4, hiddenWidth: 8, token: 6 }, random(1)),
  };
  const file = new URL(`file://${await Deno.makeTempFile({ suffix: ".safetensors" })}`);
  const hash = await savePhi(file, phi, "F32");
  const again = await loadPhi(ofWidth(6, 4), file);
  assertEquals(again.provenance, phi.provenance);
  assertEquals([again.method, again.input, again.hash.length, again.hash], ["LinCIR", "raw", 64, hash]);
  for (const [name, tensor] of Object.entries(phi.weights)) {
    assertEquals(await again.weights[name].data(), await tensor.data());
  }
  await assertRejects(
    () => loadPhi(ofWidth(9, 4), file),
    Error,
    "goes from 4 to 6, the CLIP needs 4 to 9",
  );
  await Deno.remove(file);
});

Deno.test("loadPhi: what holds no whole phi is refused", async () => {
  await assertRejects(() => loadPhi(two, golden("hostile.pt")), Error, "nothing of it was run");
  await assertRejects(() => loadPhi(two, golden("lincir.pt")), Error, '"position_ids" is missing or unknown');
  await assertRejects(() => loadPhi(two, golden("tiny_clip_gelu.safetensors")), Error, "the method and the input");
});

Deno.test("loadPhi: JSON, HTML and a missing file are one sentence each", async () => {
  const folder = await Deno.makeTempDir();
  const texts = { "a.json": '{"a": 1}', "b.pt": "\n[1]", "c.safetensors": "<!DOCTYPE html>" };
  for (const [name, text] of Object.entries(texts)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    const error = await assertRejects(() => loadPhi(two, `${folder}/${name}`), Error);
    assertEquals(
      error.message,
      `Reading ${folder}/${name} failed: it is a text file (JSON or HTML), expected a phi as .safetensors or as a PyTorch ` +
        "checkpoint; download or name the file again.",
    );
  }
  const missing = await assertRejects(() => loadPhi(two, `${folder}/none.pt`), Error);
  assertEquals(missing.message, `Reading phi failed: there is no file ${folder}/none.pt.`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("applyPhi: features of another width are refused, and unit variance is applied here", async () => {
  const weights = initialPhi("gelu", { embedding: 4, hiddenWidth: 8, token: 6 }, random(1));
  for (const network of ["gelu", "relu"] as const) {
    const weights = initialPhi(network, { embedding: 4, hiddenWidth: 8, token: 6 }, random(1));
    assertThrows(
      () => applyPhi({ weights, input: "raw" }, tf.zeros([3, 5])),
      Error,
      "Applying phi failed: embeddings is [3,5], expected [B, P] with P = 4; phi and the features belong to different",
    );
  }
  // Rows of length sqrt(4): with "unit variance" the length of the features is nothing to phi.
  const row = tf.tensor2d([[1, 2, 3, 4]]), normalised = tf.mul(row, 2 / Math.sqrt(30)) as tf.Tensor2D;
  const expected = await applyPhi({ weights, input: "raw" }, normalised).data();
  const found = await applyPhi({ weights, input: "unit variance" }, tf.mul(row, 7) as tf.Tensor2D).data();
  expected.forEach((value: number, i: number) => assert(Math.abs(value - found[i]) < 1e-5, `${found} for ${expected}`));
});

Deno.test("loadPhi: a phi of another CLIP of the same widths is refused by name", async () => {
  const weights = initialPhi("gelu", { embedding: 2, hiddenWidth: 8, token: 2 }, random(1));
  const file = await Deno.makeTempFile({ suffix: ".safetensors" });
  await savePhi(file, { method: "LinCIR", input: "raw", provenance: { clip: "aaaa" }, weights });
  await assertRejects(() => loadPhi({ ...two, hash: "bbbb" }, file), Error, "for the CLIP aaaa, this CLIP is bbbb");
  assertEquals((await loadPhi({ ...two, hash: "aaaa" }, file)).method, "LinCIR");
  await Deno.remove(file);
});

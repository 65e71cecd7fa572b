import * as tf from "../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { applyPhi, initialPhi, type Phi } from "../../lib/projection/phi.ts";
import { loadPhi, savePhi } from "../../lib/projection/phi_file.ts";
import { random } from "../../lib/tensors/random.ts";

const golden = (name: string) => new URL(`../goldens/${name}`, import.meta.url);
await useDevice("wasm");

Deno.test("Pic2Word's released phi has ReLU between its layers", async () => {
  const { phi } = await loadPhi(golden("pic2word.pt"), { embedding: 2, token: 2 });
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

Deno.test("a phi survives the way out and back", async () => {
  const phi: Phi = {
    method: "LinCIR",
    input: "raw",
    provenance: { data: "none", training: { seed: 1 } },
    weights: initialPhi("gelu", { embedding: 4, hiddenWidth: 8, token: 6 }, random(1)),
  };
  const file = new URL(`file://${await Deno.makeTempFile({ suffix: ".safetensors" })}`);
  await savePhi(file, phi, "F32");
  const { phi: again, hash } = await loadPhi(file, { embedding: 4, token: 6 });
  assertEquals(again.provenance, phi.provenance);
  assertEquals([again.method, again.input, hash.length], ["LinCIR", "raw", 64]);
  for (const [name, tensor] of Object.entries(phi.weights)) {
    assertEquals(await again.weights[name].data(), await tensor.data());
  }
  await assertRejects(
    () => loadPhi(file, { embedding: 4, token: 9 }),
    Error,
    "goes from 4 to 6, the CLIP needs 4 to 9",
  );
  await Deno.remove(file);
});

Deno.test("what holds no whole phi is refused", async () => {
  const widths = { embedding: 2, token: 2 };
  await assertRejects(() => loadPhi(golden("hostile.pt"), widths), Error, "nothing of it was run");
  await assertRejects(() => loadPhi(golden("lincir.pt"), widths), Error, '"position_ids" is missing or unknown');
  await assertRejects(() => loadPhi(golden("tiny_clip_gelu.safetensors"), widths), Error, "the method and the input");
});

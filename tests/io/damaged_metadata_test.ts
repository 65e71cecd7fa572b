/** Safetensors of this toolkit whose metadata is not what it should be: one sentence with the file's name. */
import { assertRejects } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { loadPhi, savePhi } from "../../lib/projection/phi_file.ts";
import { loadPseudoTokens, savePseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { loadCheckpoint, saveCheckpoint } from "../../lib/training/checkpoint.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** Writes a changed copy of a file, with a checksum that fits, and expects each to be refused. */
async function refused(
  file: string,
  read: (file: string) => Promise<unknown>,
  changes: [metadata: Record<string, string>, arrays: Record<string, NamedArray | undefined>, message: string][],
): Promise<void> {
  const { arrays, metadata } = readSafetensors(await Deno.readFile(file), file),
    changed = `${file}.changed.safetensors`;
  for (const [other, others, message] of changes) {
    const kept = Object.entries({ ...arrays, ...others }).filter((entry): entry is [string, NamedArray] => !!entry[1]);
    await Deno.writeFile(changed, writeSafetensors(Object.fromEntries(kept), { ...metadata, ...other }));
    await assertRejects(() => read(changed), Error, `${changed} ${message}`);
  }
}

const one = { shape: [1], values: Float32Array.of(1) };

Deno.test("loadPhi: metadata that is not JSON, and layers that do not fit each other, are refused by name", async () => {
  await useDevice("wasm");
  const { clip, phi } = await loadEmbeddedModel(), file = `${folder}/phi.safetensors`;
  await savePhi(file, phi);
  await refused(file, (path) => loadPhi(clip, path), [
    [{ provenance: "{" }, {}, 'failed: "provenance" of its metadata is damaged; fetch or make the file again.'],
    [{ provenance: "[1]" }, {}, 'failed: "provenance" of its metadata is damaged'],
    [{}, { "layers.3.bias": one }, 'failed: "layers.3.bias" is [1], expected ['],
  ]);
});

Deno.test("loadPseudoTokens: metadata that is not JSON, or of another form, is refused by name", async () => {
  await useDevice("wasm");
  const { clip } = await loadEmbeddedModel(), file = `${folder}/tokens.safetensors`;
  const tokens = tf.ones([2, clip.config.text.width]) as tf.Tensor2D;
  await savePseudoTokens(file, { names: ["a", "b"], tokens, provenance: {} });
  await refused(file, (path) => loadPseudoTokens(clip, path), [
    [{ names: '["a", "b' }, {}, 'failed: "names" of its metadata is damaged'],
    [{ names: "null" }, {}, 'failed: "names" of its metadata is damaged'],
    [{ names: "[1, 2]" }, {}, 'failed: "names" of its metadata is damaged'],
    [{ provenance: "" }, {}, 'failed: "provenance" of its metadata is damaged'],
    [
      {},
      { pseudo_tokens: { shape: [2, clip.config.text.width, 1], values: await tokens.data() as Float32Array } },
      "failed: its",
    ],
  ]);
});

Deno.test("loadCheckpoint: metadata and arrays that are missing or of another form are refused by name, nothing stays loaded", async () => {
  await useDevice("wasm");
  const file = `${folder}/checkpoint`, weights = () => ({ w: tf.ones([2]) });
  await saveCheckpoint(file, {
    configuration: { a: 1 },
    progress: { source: [], losses: [1] },
    parameters: weights(),
    optimizer: { step: 1, first: weights(), second: weights() },
  });
  await loadCheckpoint(file, { a: 1 });
  const before = tf.memory().numTensors;
  const damaged = (key: string) => `failed: "${key}" of its metadata is damaged`;
  await refused(file, (path) => loadCheckpoint(path, { a: 1 }), [
    [{ record: "{" }, {}, damaged("record")],
    [{ record: "null" }, {}, damaged("record")],
    [{ record: '{"configuration":{"a":1}}' }, {}, damaged("record")],
    [{ record: '{"configuration":{"a":1},"progress":{"losses":[null]}}' }, {}, damaged("record")],
    [{ step: "x" }, {}, damaged("step")],
    [{ names: "{}" }, {}, damaged("names")],
    [{}, { "second/w": undefined }, 'has no array "second/w" of its parameter\'s shape'],
    [{}, { "first/w": one }, 'has no array "first/w" of its parameter\'s shape'],
    [{ names: '["__proto__"]' }, {}, 'has no array "parameters/__proto__"'],
  ]);
  if (tf.memory().numTensors !== before) throw new Error(`${tf.memory().numTensors - before} tensors stayed`);
});

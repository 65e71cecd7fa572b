import * as tf from "../../../lib/tensors/tf.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { useDevice } from "../../../lib/backend/device.ts";
import { encodePixels } from "../../../lib/clip/model/image_encoder.ts";
import { encodeTokens } from "../../../lib/clip/model/text_encoder.ts";
import {
  embeddedModelFolder,
  embeddedSizes,
  invertedFile,
  loadEmbeddedModel,
} from "../../../lib/emoji/model/embedded_model.ts";
import { disposeWeights } from "../../../lib/tensors/weights.ts";
import { inFolder } from "../../../lib/io/path.ts";
import { phiMethods } from "../../../lib/projection/fit_phi.ts";
import { loadPseudoTokens } from "../../../lib/projection/pseudo_token_file.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, type Golden, readGolden } from "../../golden.ts";

interface Embedded {
  texts: string[];
  ids: number[][];
  text_features: Golden;
  image_features: Golden;
}

eachBackend(
  "loadEmbeddedModel: the embedded CLIP is what transformers reads from its folder: ids, text and image features",
  async () => {
    const { clip: { config, tokenizer, weights } } = await loadEmbeddedModel();
    const golden = readGolden<Embedded>("embedded_clip.json");
    golden.texts.forEach((text, i) => assertEquals([...tokenizer.encode([text]).ids], golden.ids[i], text));
    // 1e-4: float16 weights, three layers of 32-bit sums.
    await assertNear(
      "text",
      encodeTokens(weights, config.text, tokenizer.encode(golden.texts)),
      golden.text_features,
      1e-4,
    );
    const image = tf.linspace(-1, 1, 32 * 32 * 3).reshape([1, 32, 32, 3]) as tf.Tensor4D;
    await assertNear("image", encodePixels(weights, config.vision, image), golden.image_features, 1e-4);
  },
);

for (const size of embeddedSizes) {
  Deno.test(`loadEmbeddedModel: the logs of the ${size} CLIP and its phis say what was asked of them, of these weights`, async () => {
    await useDevice("wasm");
    const folder = embeddedModelFolder(size);
    const read = async (name: string) => JSON.parse(await Deno.readTextFile(new URL(name, folder)));
    const { clip: log } = await read("training_log.json"), [noto] = log.retrieval;
    assert(noto.style === "noto" && noto.labelToImage["R@1"] > 90, JSON.stringify(noto));
    assert(log.seconds < 45 * 60);
    for (const method of phiMethods) {
      const { clip, phi } = await loadEmbeddedModel({ size, method });
      const made = await read(`phi-${method.toLowerCase()}.json`);
      assertEquals([phi.method, made.clip, phi.provenance.clip], [method, clip.hash, clip.hash]);
      assertEquals(made.losses.at(-1)[0], made.recipe.steps);
      disposeWeights({ ...clip.weights, ...phi.weights });
    }
    const { clip } = await loadEmbeddedModel({ size });
    const { tokens, names, provenance } = await loadPseudoTokens(clip, inFolder(folder, invertedFile));
    assertEquals([names.length, tokens.shape[1]], [3706, size === "base" ? 128 : 96]);
    assertEquals([(await read("oti.json")).clip, clip.hash], [provenance.clip, provenance.clip]);
    tf.dispose([tokens, ...Object.values(clip.weights)]);
  });
}

Deno.test("loadEmbeddedModel: a damaged weights file is one clear sentence", async () => {
  await useDevice("wasm");
  const folder = new URL(`file://${await Deno.makeTempDir()}/`);
  for (const name of ["config.json", "tokenizer.json", "model.safetensors", "phi-lincir.safetensors"]) {
    await Deno.copyFile(new URL(name, embeddedModelFolder()), new URL(name, folder));
  }
  await Deno.truncate(new URL("phi-lincir.safetensors", folder).pathname, 400_000);
  await assertRejects(() => loadEmbeddedModel({ folder }), Error, "phi-lincir.safetensors failed: its tensors need");
  await Deno.truncate(new URL("model.safetensors", folder).pathname, 4_000_000);
  await assertRejects(() => loadEmbeddedModel({ folder }), Error, "model.safetensors failed: its tensors need");
  await Deno.remove(folder, { recursive: true });
});

import { assert } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { filePath } from "../../lib/io/path.ts";
import { applyPhi } from "../../lib/projection/phi.ts";
import { embeddedRecipe } from "../../lib/rtd/recipe.ts";
import { saveFineTuned } from "../../lib/rtd/save_fine_tuned.ts";
import { normaliseRows } from "../../lib/tensors/contrastive_losses.ts";
import type * as tf from "../../lib/tensors/tf.ts";
import { answers } from "../../scripts/python.ts";

const python = filePath(new URL("../../.venv/reference/bin/python", import.meta.url));
const program = filePath(new URL("card_python.py", import.meta.url));
const hasReference = await answers(python, ["-c", "import torch, transformers"]) !== undefined;
const why = hasReference ? "" : ' (skipped: no .venv/reference; "deno task reference" makes it)';

for (const method of ["LinCIR", "Pic2Word"] as const) {
  Deno.test({
    name: `saveFineTuned: the Python lines of the card give the toolkit's features with ${method}'s phi${why}`,
    ignore: !hasReference,
    async fn() {
      await useDevice("wasm");
      const { clip, phi } = await loadEmbeddedModel({ method });
      const folder = await Deno.makeTempDir(), recipe = embeddedRecipe;
      const facts = { recipe, data: "none", device: "wasm", metrics: {} };
      await saveFineTuned(folder, { clip, phi, textWeights: clip.weights, ...facts });
      const texts = ["is green", "has a hat"];
      const references = await encodeTexts(clip, ["red apple", "woman running"]); // [2, P]
      const queries = texts.map((text) => `a photo of [$] that ${text}`);
      const pseudoTokens = applyPhi(phi, references); // [2, D]
      const ours = normaliseRows(await encodeTexts(clip, queries, { pseudoTokens })); // [2, P]
      const theirs: number[][] = JSON.parse(await run(folder, { texts, features: await references.array() }));
      const differences = (await ours.array() as number[][]).flatMap((row, i) =>
        row.map((value, j) => Math.abs(value - theirs[i][j]))
      );
      // Two programs' sums in 32 bits; a row has length one.
      assert(Math.max(...differences) < 1e-5, `differs by ${Math.max(...differences)}`);
      await Deno.remove(folder, { recursive: true });
    },
  });
}

async function run(folder: string, input: { texts: string[]; features: Awaited<ReturnType<tf.Tensor2D["array"]>> }) {
  const child = new Deno.Command(python, {
    args: [program, folder],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert(code === 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

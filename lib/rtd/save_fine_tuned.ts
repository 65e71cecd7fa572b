/** Saves a fine-tuned text encoder with its phi and a model card. */
import type { Clip } from "../clip/files/model_folder.ts";
import { saveTextEncoder } from "../clip/files/text_folder.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import type { Phi } from "../projection/phi.ts";
import { savePhi } from "../projection/phi_file.ts";
import type { Weights } from "../tensors/weights.ts";
import { cardPython } from "./card_python.ts";
import type { RtdRecipe } from "./recipe.ts";

/** A fine-tuned model with the contents of its card. */
export interface FineTunedModel {
  /** The CLIP that was fine-tuned. */
  clip: Clip;
  /** The projection that it was fine-tuned with. */
  phi: Phi;
  /** The fine-tuned text tower with its projection. */
  textWeights: Weights;
  /** The recipe of the run. */
  recipe: RtdRecipe;
  /** Description of the training data. */
  data: string;
  /** Description of the device, as `describeDevice` returns it. */
  device: string;
  /** The step after which the encoder was kept, for the file's header; absent: the run's last. */
  step?: number;
  /** Figures of the evaluation by name, such as "CIRCO val, mAP@5"; they are written with two decimals. */
  metrics: Record<string, number>;
}

/**
 * Writes a fine-tuned text encoder as a folder that `loadTextEncoder` and Hugging Face's `CLIPTextModelWithProjection`
 * read, with its phi as `phi.safetensors` and a model card as `README.md`.
 *
 * @param folder made if it is missing
 * @throws {Error} if a tensor of the text tower is missing, or the disk refuses
 * @example
 * ```ts
 * import { describeDevice, embeddedRecipe, loadEmbeddedModel, loadPhi, saveFineTuned, useDevice } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * const device = describeDevice(await useDevice("wasm"));
 * const { clip, phi } = await loadEmbeddedModel();
 * // In practice `textWeights` is a result of `trainRtd`.
 * const model = { clip, phi, textWeights: clip.weights, recipe: embeddedRecipe, data: "none", device, metrics: {} };
 * const folder = await Deno.makeTempDir();
 * await saveFineTuned(folder, model);
 * assertEquals((await loadPhi(clip, `${folder}/phi.safetensors`)).method, "LinCIR");
 * ```
 */
export async function saveFineTuned(folder: Path, model: FineTunedModel): Promise<void> {
  const { clip, phi, textWeights, recipe, data, device } = model;
  await saveTextEncoder(folder, {
    clip,
    weights: textWeights,
    metadata: {
      clip: clip.hash,
      clipIdentity: clip.identity,
      phi: phi.hash,
      ...(model.step !== undefined && { step: String(model.step) }),
    },
  });
  await savePhi(inFolder(folder, "phi.safetensors"), phi);
  const rows = Object.entries(model.metrics).map(([name, value]) => `| ${name} | ${value.toFixed(2)} |`);
  const metrics = rows.length === 0 ? "" : `| figure | value |\n|---|---:|\n${rows.join("\n")}\n\n`;
  await writeAtomically(
    inFolder(folder, "README.md"),
    `---
library_name: transformers
tags: [clip, composed-image-retrieval, rtd]
---

# A CLIP text encoder fine-tuned with RTD

Fine-tuned post hoc, on text alone, for composed image retrieval (RTD, arXiv 2406.09188). Use it with the phi beside it
(${phi.method}, input ${phi.input}) and with the frozen image encoder of the CLIP it came from.

- CLIP weights (SHA-256): \`${clip.hash}\`
- CLIP with configuration, tokenizer and preprocessing (SHA-256): \`${clip.identity}\`
- phi (SHA-256): \`${phi.hash}\`
- data: ${data}
- steps: ${model.step === undefined ? recipe.steps : `${model.step} of ${recipe.steps}`}
- device: ${device}

${metrics}## Use it from Python

\`\`\`python
${cardPython(phi)}
\`\`\`

From the toolkit: \`deno task evaluate --text-encoder FOLDER --phi FOLDER/phi.safetensors\`, with the CLIP named above.

## Recipe

\`\`\`json
${JSON.stringify(recipe, null, 2)}
\`\`\`
`,
  );
}

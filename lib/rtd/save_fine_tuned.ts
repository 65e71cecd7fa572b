/** What a run leaves for others: the fine-tuned text encoder, its phi, and a model card. */
import type { Clip } from "../clip/files/model_folder.ts";
import { saveTextEncoder } from "../clip/files/text_folder.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import type { Phi } from "../projection/phi.ts";
import { savePhi } from "../projection/phi_file.ts";
import type { Weights } from "../tensors/weights.ts";
import type { RtdRecipe } from "./recipe.ts";

/** A fine-tuned model, and what its card says. */
export interface FineTunedModel {
  /** The CLIP that was fine-tuned. */
  clip: Clip;
  /** The projection that it was fine-tuned with. */
  phi: Phi;
  /** The fine-tuned text tower with its projection. */
  textWeights: Weights;
  /** The recipe of the run. */
  recipe: RtdRecipe;
  /** What it was trained on, in words. */
  data: string;
  /** The device, as `describeDevice` says it. */
  device: string;
  /** Figures by name, the name saying what they are of. */
  metrics: Record<string, number>;
}

/** Writes `config.json`, `model.safetensors`, the tokenizer, `phi.safetensors` and `README.md` into a folder. */
export async function saveFineTuned(folder: Path, model: FineTunedModel): Promise<void> {
  const { clip, phi, textWeights, recipe, data, device } = model;
  await saveTextEncoder(folder, clip, textWeights, { clip: clip.hash, phi: phi.hash });
  await savePhi(inFolder(folder, "phi.safetensors"), phi);
  const metrics = Object.entries(model.metrics).map(([name, value]) => `| ${name} | ${value.toFixed(2)} |`);
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
- phi (SHA-256): \`${phi.hash}\`
- data: ${data}
- device: ${device}

| figure | value |
|---|---:|
${metrics.join("\n")}

\`\`\`json
${JSON.stringify(recipe, null, 2)}
\`\`\`
`,
  );
}

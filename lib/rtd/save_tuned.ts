/** What a run leaves for others: the tuned text encoder, its phi, and a card that says how they were made. */
import { saveTextEncoder } from "../clip/text_folder.ts";
import type { Weights } from "../clip/weights.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import { savePhi } from "../projection/phi_file.ts";
import type { RtdRecipe } from "./recipe.ts";
import type { RtdModel } from "./train.ts";

/** What the card says beside the recipe. */
export interface TunedFacts {
  recipe: RtdRecipe;
  /** What it was trained on, in words. */
  data: string;
  /** The device, as `describeDevice` says it. */
  device: string;
  /** Figures by name, with what they are of. */
  metrics: Record<string, number>;
}

/** Writes `config.json`, `model.safetensors`, the tokenizer, `phi.safetensors` and `README.md` into a folder. */
export async function saveTuned(folder: URL, model: RtdModel, text: Weights, facts: TunedFacts): Promise<void> {
  const { clip, phi, phiHash } = model;
  await saveTextEncoder(folder, clip, text, { clip: clip.hash, phi: phiHash });
  await savePhi(new URL("phi.safetensors", folder), phi, "F32");
  const metrics = Object.entries(facts.metrics).map(([name, value]) => `| ${name} | ${value.toFixed(2)} |`);
  await writeAtomically(
    new URL("README.md", folder),
    `---
library_name: transformers
tags: [clip, composed-image-retrieval, rtd]
---

# A CLIP text encoder tuned with RTD

Tuned after training, on text alone, for composed image retrieval (RTD, arXiv 2406.09188). Use it with the phi beside it
(${phi.method}, input ${phi.input}) and with the frozen image encoder of the CLIP it came from.

- CLIP weights (SHA-256): \`${clip.hash}\`
- phi (SHA-256): \`${phiHash}\`
- data: ${facts.data}
- device: ${facts.device}

| figure | value |
|---|---:|
${metrics.join("\n")}

\`\`\`json
${JSON.stringify(facts.recipe, null, 2)}
\`\`\`
`,
  );
}

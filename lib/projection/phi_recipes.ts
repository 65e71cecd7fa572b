/** Recipes for each method's phi: as published, and for the embedded models. */
import { placeholder } from "../clip/model/tokenizer.ts";
import { adamWDefaults } from "../training/adamw.ts";
import type { LincirRecipe } from "./lincir/lincir.ts";
import type { Pic2wordRecipe } from "./pic2word/pic2word.ts";
import type { SearleRecipe } from "./searle/searle.ts";
import { type InversionOptions, paperInversion } from "./searle/textual_inversion.ts";

/** A recipe for each method, and for the textual inversion that SEARLE's phi needs. */
export interface PhiRecipes {
  /** Recipe for LinCIR's phi. */
  LinCIR: LincirRecipe;
  /** Recipe for Pic2Word's phi. */
  Pic2Word: Pic2wordRecipe;
  /** Recipe for SEARLE's phi. */
  SEARLE: SearleRecipe;
  /** Recipe for textual inversion (SEARLE-OTI). */
  inversion: InversionOptions;
}

/**
 * Returns the published recipes, for one process. The number of steps for Pic2Word is chosen here, since it was
 * published in epochs of a data set that is not generally available. A batch spans epochs, where the released trainings
 * drop an epoch's incomplete one: with one's own few images nothing is left out so. `incompleteBatch: "drop"` does as they
 * do.
 *
 * @param embedding width of the CLIP embedding; phi's hidden layers are four times as wide (SEARLE, LinCIR)
 * @param images number of images that SEARLE's phi is trained on, for 100 epochs
 */
export function paperPhiRecipes(embedding: number, images: number): PhiRecipes {
  const shared = {
    seed: 12345,
    hiddenWidth: 4 * embedding,
    dropout: 0.5,
    input: "raw",
    optimizer: { ...adamWDefaults, learningRate: 1e-4 },
    schedule: { warmup: 0, shape: "constant" },
  } as const;
  return {
    LinCIR: { ...shared, steps: 20_000, batch: 512, noise: 1 },
    SEARLE: {
      ...shared,
      seed: 42,
      // An epoch's incomplete batch is not counted; with fewer images than a batch an epoch is one step.
      steps: 100 * Math.max(1, Math.floor(images / 256)),
      batch: 256,
      temperature: 0.25,
      phraseWeight: 0.75,
      concepts: 150,
    },
    Pic2Word: {
      ...shared,
      steps: 30_000,
      batch: 1024,
      hiddenWidth: 512,
      dropout: 0.1,
      optimizer: { learningRate: 1e-4, beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1, decay: "matrices" },
      schedule: { warmup: 10_000, shape: "cosine" },
    },
    inversion: paperInversion,
  };
}

const embedded = {
  seed: 20261,
  steps: 700,
  batch: 256,
  hiddenWidth: 512,
  dropout: 0.1,
  input: "unit variance",
  optimizer: { ...adamWDefaults, learningRate: 1e-3 },
  schedule: { warmup: 0, shape: "cosine" },
} as const;

/**
 * Recipes for the embedded models, with which their committed phis were made: less dropout, a larger learning rate and
 * fewer steps; the losses are as published. AdamW has PyTorch's defaults for Pic2Word too, and SEARLE draws its phrases
 * among 15 concepts an image, for phi as for the inversion.
 */
export const embeddedPhiRecipes: PhiRecipes = {
  LinCIR: { ...embedded, noise: 1 },
  Pic2Word: embedded,
  SEARLE: { ...embedded, temperature: 0.25, phraseWeight: 0.75, concepts: 15 },
  inversion: {
    ...paperInversion,
    seed: 20261,
    batch: 256,
    // The loss no longer falls after about step 40.
    steps: 100,
    average: 0.95,
    // Prompts of words that the embedded CLIPs were pretrained with.
    templates: ["a photo of", "a picture of", "an emoji of", "a drawing of", "an image of"]
      .map((prefix) => `${prefix} ${placeholder}`),
  },
};

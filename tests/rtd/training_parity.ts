/** RTD's training here and in PyTorch, from the same files and the same noise: run here, judged by the test. */
import { describeDevice, type Device } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { filePath, type Path } from "../../lib/io/path.ts";
import { drawNoise } from "../../lib/projection/noise.ts";
import { loadPhi } from "../../lib/projection/phi_file.ts";
import type { RtdRecipe } from "../../lib/rtd/recipe.ts";
import { saveFineTuned } from "../../lib/rtd/save_fine_tuned.ts";
import { trainRtd } from "../../lib/rtd/train.ts";
import { random } from "../../lib/tensors/random.ts";
import { disposeWeights } from "../../lib/tensors/weights.ts";
import { listSampler } from "../../lib/training/epoch_sampler.ts";
import { loadTriplets } from "../../lib/triplets/load_triplets.ts";
import { tripletSampler } from "../../lib/triplets/triplet_sampler.ts";

/** Python with PyTorch and transformers, as `deno task reference` makes it. */
export const python = filePath(new URL("../../.venv/reference/bin/python", import.meta.url));

/** What is trained, and with what. */
export interface TrainingParityOptions {
  /** Folder of the CLIP. */
  clip: Path;
  /** File of phi, as the toolkit writes it. */
  phi: Path;
  /** JSON lines of triplets, their fields those of RTD or of this toolkit. */
  triplets: Path;
  /** The recipe: the published method, with a constant rate after the warm-up. */
  recipe: RtdRecipe;
  /** The device in use. */
  device: Device;
  /** An empty folder, for what is written. */
  scratch: string;
  /** Called before each step of this library's. */
  onStep?: (step: number) => void;
  /** Called with each line that the program in Python prints on its way. */
  onPython?: (line: string) => void;
}

/** How far one weight of the two trained encoders is apart. */
export interface WeightDifference {
  shape: number[];
  /** Largest absolute value of the weight. */
  largest: number;
  /** Largest absolute change by the training. */
  moved: number;
  /** Largest absolute difference of the two. */
  difference: number;
  /** Norm of the difference, divided by the norm of the change by the training. */
  error: number;
}

/** What the two programs got. */
export interface TrainingParity {
  /** Number of triplets in the file. */
  triplets: number;
  /** Losses of this library, step by step. */
  losses: number[];
  /** Losses of PyTorch. */
  expected: number[];
  /** The final weights by name. */
  weights: Record<string, WeightDifference>;
  /** Seconds that the training took here, without loading and saving. */
  seconds: number;
}

/**
 * A key's bias moves every logit of a row alike, so its exact gradient is zero and what is found is rounding, which
 * AdamW divides by its own size: its steps are noise in both programs, and it decides no feature.
 */
export const isNoise = (name: string) => name.endsWith("k_proj.bias");

/** What is compared, and how much of it may differ. */
export const tolerances = {
  // Sums of some hundred 32-bit products in another order, and the steps before.
  "loss, relative": 1e-5,
  // AdamW divides a gradient by its own size: where one is almost zero, its rounding becomes a step. A whole tensor's
  // change hardly feels it.
  "weights, norm of the difference by that of the change": 1e-3,
};

/** A largest difference, and where it is. */
export interface Worst {
  value: number;
  where: string;
}

/** The largest difference of each kind. */
export function judged({ losses, expected, weights }: TrainingParity): Record<keyof typeof tolerances, Worst> {
  const worst = (all: Worst[]) => all.reduce((most, one) => one.value > most.value ? one : most);
  return {
    "loss, relative": worst(losses.map((loss, i) => ({
      value: Math.abs(loss - expected[i]) / Math.abs(expected[i]),
      where: `step ${i + 1}`,
    }))),
    "weights, norm of the difference by that of the change": worst(
      Object.entries(weights).filter(([name]) => !isNoise(name)).map(([where, { error }]) => ({ value: error, where })),
    ),
  };
}

/** Trains in both programs. @throws {Error} if one of them fails */
export async function measureTrainingParity(options: TrainingParityOptions): Promise<TrainingParity> {
  const { recipe, device, scratch, onStep = () => {} } = options, { steps, batch, seed } = recipe;
  const clip = await loadClip(options.clip, { towers: "text" }), phi = await loadPhi(clip, options.phi);
  const { triplets } = await loadTriplets(options.triplets);
  const started = performance.now();
  const { textWeights, losses } = await trainRtd({
    ...{ clip, phi, recipe },
    triplets: tripletSampler(triplets),
    onStep: ({ step }) => onStep(step),
  });
  const seconds = (performance.now() - started) / 1000;
  const facts = { recipe, data: "triplets", device: describeDevice(device), metrics: {} };
  await saveFineTuned(`${scratch}/saved`, { clip, phi, textWeights, ...facts });
  // From the same seed: the rows that were drawn, and the noise. Were it another draw, no loss would agree.
  const order = listSampler([...Array(triplets.length).keys()])(seed), rng = random(seed);
  const P = clip.config.projectionWidth, noise = new Float32Array(steps * batch * P);
  for (let step = 0; step < steps; step++) {
    const drawn = drawNoise(batch, P, recipe.noise, rng); // [B, P]
    noise.set(await drawn.data(), step * batch * P);
    drawn.dispose();
  }
  [clip.weights, phi.weights, textWeights].forEach(disposeWeights);
  await Deno.writeFile(`${scratch}/noise.bin`, new Uint8Array(noise.buffer));
  const { losses: expected, weights } = await inPython({
    ...{ recipe, clip: filePath(options.clip), phi: filePath(options.phi), triplets: filePath(options.triplets) },
    order: Array.from({ length: steps }, () => order.next(batch)),
    noise: `${scratch}/noise.bin`,
    saved: `${scratch}/saved/model.safetensors`,
  }, options.onPython);
  return { triplets: triplets.length, losses, expected, weights, seconds };
}

async function inPython(
  setting: object,
  onLine: (line: string) => void = () => {},
): Promise<Pick<TrainingParity, "losses" | "weights">> {
  const child = new Deno.Command(python, {
    args: [filePath(new URL("training_parity.py", import.meta.url)), JSON.stringify(setting)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  const listening = child.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        said += text;
        onLine(text.trim());
      },
    }),
  );
  const [printed, { success }] = await Promise.all([new Response(child.stdout).text(), child.status, listening]);
  if (!success) throw new Error(`Training in PyTorch failed: ${said.trim().split("\n").at(-1)}.`);
  return JSON.parse(printed);
}

/** Parsers of phi files, pseudo-tokens and training checkpoints. */
import { readPhi } from "../../../lib/projection/phi_file.ts";
import { loadPseudoTokens, savePseudoTokens } from "../../../lib/projection/pseudo_token_file.ts";
import { type NamedArray, writeSafetensors } from "../../../lib/io/safetensors.ts";
import { random } from "../../../lib/tensors/random.ts";
import * as tf from "../../../lib/tensors/tf.ts";
import { disposeWeights } from "../../../lib/tensors/weights.ts";
import { loadCheckpoint, saveCheckpoint } from "../../../lib/training/checkpoint.ts";
import type { ClipConfig } from "../../../lib/clip/model/config.ts";
import { bytesSample, type MakeParser } from "../parser.ts";
import { smallConfig } from "./clip_files.ts";
import { golden } from "./goldens.ts";

/** A configuration with these widths. */
function ofWidths(embedding: number, token: number): { config: ClipConfig } {
  return { config: { ...smallConfig, projectionWidth: embedding, text: { ...smallConfig.text, width: token } } };
}

/** Arrays of the shapes with random numbers. */
function arraysOf(shapes: Record<string, number[]>): Record<string, NamedArray> {
  const rng = random(1);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, side) => product * side, 1);
      return [name, { shape, values: Float32Array.from({ length: count }, () => rng.normal()) }];
    }),
  );
}

/** A phi of this toolkit. */
export const phiSafetensors: MakeParser = (scratch) => {
  const arrays = arraysOf({
    "layers.0.weight": [3, 2],
    "layers.0.bias": [3],
    "layers.3.weight": [3, 3],
    "layers.3.bias": [3],
    "layers.6.weight": [2, 3],
    "layers.6.bias": [2],
  });
  const described = { method: "LinCIR", input: "raw", provenance: JSON.stringify({ steps: 2, data: ["x"] }) };
  const samples = (["F32", "F16"] as const).map((floats) =>
    bytesSample("phi.safetensors", writeSafetensors(arrays, described, floats))
  );
  return {
    samples,
    names: ["phi.safetensors"],
    async read(bytes, file) {
      Deno.writeFileSync(`${scratch}/${file}`, bytes);
      await readPhi(ofWidths(2, 2), `${scratch}/${file}`);
    },
  };
};

/** A phi as the methods' authors released it. */
export const phiTorch: MakeParser = (scratch) => ({
  samples: ["pic2word.pt", "lincir.pt"].map((name) => bytesSample("phi.pt", golden(name))),
  names: ["phi.pt"],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    await readPhi(ofWidths(2, 2), `${scratch}/${file}`);
  },
});

/** Inverted pseudo-tokens. */
export const pseudoTokens: MakeParser = async (scratch) => {
  const path = `${scratch}/tokens.safetensors`, tokens = tf.tensor2d([[1, 2, 3, 4], [5, 6, 7, 8]]);
  await savePseudoTokens(path, { names: ["a.png", "b/c.png"], tokens, provenance: { method: "OTI" } });
  tokens.dispose();
  const clip = ofWidths(6, 4);
  return {
    samples: [bytesSample("tokens.safetensors", Deno.readFileSync(path))],
    names: ["tokens.safetensors"],
    async read(bytes) {
      Deno.writeFileSync(path, bytes);
      (await loadPseudoTokens(clip, path)).tokens.dispose();
    },
  };
};

/** Checkpoints of a training. */
export const trainingCheckpoint: MakeParser = async (scratch) => {
  const path = `${scratch}/run.checkpoint`, configuration = { task: "made", seed: 1 };
  const make = () => ({ weight: tf.tensor2d([[1, 2]]), bias: tf.tensor1d([3]) });
  const parameters = make(), first = make(), second = make();
  const progress = { source: { epoch: 1, random: [1, 2, 3, 4] }, losses: [2, 1.5], records: [{ step: 1 }] };
  await saveCheckpoint(path, { configuration, progress, parameters, optimizer: { step: 2, first, second } });
  for (const weights of [parameters, first, second]) disposeWeights(weights);
  return {
    samples: [bytesSample("run.checkpoint", Deno.readFileSync(path))],
    names: ["run.checkpoint"],
    async read(bytes) {
      Deno.writeFileSync(path, bytes);
      const { parameters, optimizer } = await loadCheckpoint(path, configuration);
      for (const weights of [parameters, optimizer.first, optimizer.second]) disposeWeights(weights);
    },
  };
};

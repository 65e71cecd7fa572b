/** A phi on disk: our safetensors, or the checkpoints that the methods' authors released. */
import * as tf from "@tensorflow/tfjs";
import { readArrays, sha256 } from "../clip/model_folder.ts";
import { writeAtomically } from "../formats/atomic_write.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import { readTorchCheckpoint, stateDict } from "../formats/torch_checkpoint.ts";
import { type Phi, phiLayerNames } from "./phi.ts";

/** A phi with the hash of its file, which names it in results. */
export interface LoadedPhi {
  phi: Phi;
  hash: string;
}

/**
 * Loads a phi: `.safetensors` as {@linkcode savePhi} writes it, or `.pt` with `Phi` (SEARLE, LinCIR, RTD) or
 * `state_dict_img2text` (Pic2Word) inside.
 *
 * @param widths of the CLIP embedding and of a token embedding; a phi for others is refused
 * @throws {Error} if the file is damaged, holds no phi, or one for another width
 */
export async function loadPhi(file: URL, widths: { embedding: number; token: number }): Promise<LoadedPhi> {
  const bytes = await Deno.readFile(file), path = file.pathname;
  const { arrays, method, input, provenance } = path.endsWith(".safetensors")
    ? ours(bytes, path)
    : released(bytes, path);
  checkPhi(arrays, widths, path);
  const weights = Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
  return { phi: { method, input, provenance, weights }, hash: await sha256(bytes) };
}

/** Writes a phi. */
export async function savePhi(
  file: URL,
  { method, input, provenance, weights }: Phi,
  floats: "F32" | "F16",
): Promise<void> {
  const metadata = { method, input, provenance: JSON.stringify(provenance) };
  await writeAtomically(file, writeSafetensors(await readArrays(weights), metadata, floats));
}

type PhiArrays = Omit<Phi, "weights"> & { arrays: Record<string, NamedArray> };

function ours(bytes: Uint8Array, path: string): PhiArrays {
  const { arrays, metadata: { method, input, provenance = "{}" } } = readSafetensors(bytes, path);
  if (method === undefined || (input !== "raw" && input !== "unit variance")) {
    throw new Error(`Reading ${path} failed: its metadata does not say the method and the input of a phi.`);
  }
  return { arrays, method, input, provenance: JSON.parse(provenance) };
}

function released(bytes: Uint8Array, path: string): PhiArrays {
  const checkpoint = readTorchCheckpoint(bytes, path);
  const provenance = { file: path.slice(path.lastIndexOf("/") + 1) };
  const phi = stateDict(checkpoint, "Phi");
  if (phi) return { arrays: phi, method: "SEARLE or LinCIR", input: "raw", provenance };
  const img2text = stateDict(checkpoint, "state_dict_img2text");
  if (img2text) return { arrays: img2text, method: "Pic2Word", input: "raw", provenance };
  const keys = checkpoint instanceof Map ? [...checkpoint.keys()].join(", ") : "no dict";
  throw new Error(`Reading ${path} failed: it holds ${keys}, expected "Phi" or "state_dict_img2text".`);
}

function checkPhi(
  arrays: Record<string, NamedArray>,
  widths: { embedding: number; token: number },
  path: string,
): void {
  const names = arrays["fc_out.weight"] ? phiLayerNames.relu : phiLayerNames.gelu;
  const needed = names.flatMap((name) => [`${name}.weight`, `${name}.bias`]);
  const wrong = needed.find((name) => !arrays[name]) ?? Object.keys(arrays).find((name) => !needed.includes(name));
  if (wrong) {
    throw new Error(`Reading ${path} failed: "${wrong}" is missing or unknown; a phi holds ${needed.join(", ")}.`);
  }
  const inputs = arrays[needed[0]].shape[1], outputs = arrays[needed[4]].shape[0];
  if (inputs !== widths.embedding || outputs !== widths.token) {
    throw new Error(
      `Reading ${path} failed: this phi goes from ${inputs} to ${outputs}, the CLIP needs ${widths.embedding} to ` +
        `${widths.token}; it was made for another CLIP.`,
    );
  }
}

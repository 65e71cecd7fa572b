/** Reads and writes phi files: safetensors of this toolkit, and the checkpoints that the methods' authors released. */
import { requireFinite } from "../io/numbers.ts";
import { writeAtomically } from "../io/atomic_write.ts";
import { sha256 } from "../io/hash.ts";
import { headerJson } from "../io/header_json.ts";
import { isObject } from "../io/json_values.ts";
import { filePath, type Path } from "../io/path.ts";
import { readBytes } from "../io/read_file.ts";
import { type NamedArray, readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { readTorchCheckpoint, stateDict } from "../io/torch_checkpoint.ts";
import { type FileClip, requireOrigin } from "./clip_origin.ts";
import * as tf from "../tensors/tf.ts";
import { readArrays } from "../tensors/weights.ts";
import { type Phi, phiLayerNames } from "./phi.ts";

/**
 * Loads a phi for a CLIP: `.safetensors` as {@linkcode savePhi} writes it, or a released PyTorch checkpoint with `Phi`
 * (SEARLE, LinCIR, RTD) or `state_dict_img2text` (Pic2Word) inside. PyTorch files are read without executing their
 * code.
 *
 * @param clip the CLIP that it will be used with
 * @returns the phi; the caller disposes its weights
 * @throws {Error} if the file is missing or damaged, holds no phi, or one for another CLIP: of other widths, or named
 *   by other weights
 * @example
 * ```ts
 * import { loadClip, loadPhi, useDevice } from "@rtd/toolkit";
 * import { embeddedModelFolder, phiFile } from "@rtd/toolkit/emoji";
 * import { assertEquals } from "@std/assert";
 *
 * await useDevice("wasm");
 * const folder = embeddedModelFolder();
 * const clip = await loadClip(folder, { towers: "text" });
 * const phi = await loadPhi(clip, new URL(phiFile("SEARLE"), folder));
 * assertEquals([phi.method, phi.input], ["SEARLE", "unit variance"]);
 * ```
 */
export async function loadPhi(clip: FileClip, file: Path): Promise<Phi> {
  const path = filePath(file);
  const { arrays, ...described } = await readPhi(clip, path);
  const weights = Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
  return { ...described, weights };
}

/** A phi's arrays with its description, before they become tensors. */
export type PhiArrays = Omit<Phi, "weights"> & { arrays: Record<string, NamedArray> };

/** Reads and checks a phi without making tensors. @throws {Error} as {@linkcode loadPhi} */
export async function readPhi(clip: FileClip, path: string): Promise<PhiArrays> {
  const { config } = clip;
  const bytes = await readBytes("phi", path);
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip && new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().match(/^[[{<]/)) {
    throw new Error(
      `Reading ${path} failed: it is a text file (JSON or HTML), expected a phi as .safetensors or as a PyTorch ` +
        "checkpoint; download or name the file again.",
    );
  }
  const found = path.endsWith(".safetensors") ? ours(bytes, path) : released(bytes, path);
  for (const [name, { values }] of Object.entries(found.arrays)) requireFinite(values, name, path);
  checkPhi(found.arrays, { embedding: config.projectionWidth, token: config.text.width }, path);
  requireOrigin(found.provenance, clip, path);
  return { ...found, hash: await sha256(bytes) };
}

/**
 * Writes a phi as safetensors, with its description in the file's metadata.
 *
 * @param floats number format of the weights: "F32" (default), or "F16" with half the size and 11 bits of precision
 * @returns SHA-256 of the file: the hash of the phi when it is loaded
 * @throws {Error} if the disk refuses
 */
export async function savePhi(file: Path, phi: Omit<Phi, "hash">, floats: "F32" | "F16" = "F32"): Promise<string> {
  const bytes = await phiBytes(phi, floats);
  await writeAtomically(file, bytes);
  return await sha256(bytes);
}

/** Returns the contents of a phi's safetensors file. */
export async function phiBytes(
  { method, input, provenance, weights }: Omit<Phi, "hash">,
  floats: "F32" | "F16",
): Promise<Uint8Array> {
  const metadata = { method, input, provenance: JSON.stringify(provenance) };
  return writeSafetensors(await readArrays(weights), metadata, floats);
}

type Described = Omit<PhiArrays, "hash">;

function ours(bytes: Uint8Array, path: string): Described {
  const { arrays, metadata } = readSafetensors(bytes, path), { method, input } = metadata;
  if (method === undefined || (input !== "raw" && input !== "unit variance")) {
    throw new Error(`Reading ${path} failed: its metadata does not name the method and the input of a phi.`);
  }
  const provenance = headerJson({ provenance: "{}", ...metadata }, "provenance", isObject, path);
  return { arrays, method, input, provenance };
}

function released(bytes: Uint8Array, path: string): Described {
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
  const hidden = arrays[needed[0]].shape[0];
  const shapes = [[hidden, inputs], [hidden], [hidden, hidden], [hidden], [outputs, hidden], [outputs]];
  const odd = needed.findIndex((name, i) => arrays[name].shape.join() !== shapes[i].join());
  if (odd >= 0) {
    throw new Error(
      `Reading ${path} failed: "${needed[odd]}" is [${arrays[needed[odd]].shape}], expected [${shapes[odd]}] as the ` +
        "other layers are; fetch or make the file again.",
    );
  }
  if (inputs !== widths.embedding || outputs !== widths.token) {
    throw new Error(
      `Reading ${path} failed: this phi goes from ${inputs} to ${outputs}, the CLIP needs ${widths.embedding} to ` +
        `${widths.token}; it was made for another CLIP.`,
    );
  }
}

/** Models named on the command line: checked by their headers, then loaded. */
import { changePreprocessing } from "../lib/clip/files/change_preprocessing.ts";
import { clipInHalf, modelInHalf } from "../lib/clip/files/half_precision.ts";
import { type Clip, inspectClip, loadClip } from "../lib/clip/files/model_folder.ts";
import { inspectTextEncoder, loadTextEncoder, type TextEncoderWeights } from "../lib/clip/files/text_folder.ts";
import type { Phi } from "../lib/projection/phi.ts";
import { loadPhi, type PhiArrays, readPhi } from "../lib/projection/phi_file.ts";
import { type LoadedTokens, loadPseudoTokens } from "../lib/projection/pseudo_token_file.ts";
import type { Faults } from "./faults.ts";

/** Paths of the models. */
export interface ModelPaths {
  /** Folder of the CLIP. */
  clip: string;
  /** File of phi. */
  phi?: string;
  /** Folder or file of a fine-tuned text encoder. */
  textEncoder?: string;
  /** File of pseudo-tokens. */
  pseudoTokens?: string;
}

/** How the models are used. */
export interface LoadingChoices {
  /** How much images are padded. */
  targetPad?: number;
  /** Where half a pixel of the centre crop goes. */
  centreCrop?: "down" | "even";
  /** Whether all weights are rounded to half precision. */
  half?: true;
}

/** What the checks have read. */
export interface CheckedModels {
  /** The CLIP without its weights. */
  clip?: Pick<Clip, "config" | "tokenizer" | "preprocessing">;
  /** Phi, before its arrays become tensors. */
  phi?: PhiArrays;
  /** The pseudo-tokens. */
  pseudoTokens?: LoadedTokens;
}

/**
 * Checks a CLIP, and whether the other models belong to it. Where the CLIP itself is at fault, the others are only
 * looked for, since what they must fit is not known. A device must be in use.
 */
export async function checkModels(found: Faults, paths: ModelPaths): Promise<CheckedModels> {
  const reading = (path: string) => `Reading ${path}`;
  const clip = await found.check(reading(paths.clip), () => inspectClip(paths.clip));
  const { phi, textEncoder, pseudoTokens } = paths;
  if (!clip) {
    for (const path of [phi, textEncoder, pseudoTokens]) {
      if (path !== undefined) await found.check(reading(path), () => Deno.stat(path));
    }
    return {};
  }
  const read = phi === undefined ? undefined : await found.check(reading(phi), () => readPhi(clip, phi));
  if (textEncoder !== undefined) await found.check(reading(textEncoder), () => inspectTextEncoder(clip, textEncoder));
  if (pseudoTokens === undefined) return { clip, phi: read };
  return {
    clip,
    phi: read,
    pseudoTokens: await found.check(reading(pseudoTokens), () => loadPseudoTokens(clip, pseudoTokens)),
  };
}

/**
 * Loads the models; target pad and centre crop change the CLIP's preprocessing, half precision rounds all weights.
 * Pseudo-tokens, which are no weights and stay, are read a second time, which is cheap: only now is the CLIP's hash
 * known, and with it whether they were made for it.
 */
export async function loadModels(
  { clip: folder, phi, textEncoder, pseudoTokens, targetPad, centreCrop, half }: ModelPaths & LoadingChoices,
): Promise<{ clip: Clip; phi?: Phi; textEncoder?: TextEncoderWeights; pseudoTokens?: LoadedTokens }> {
  const clip = await loadClip(folder);
  const changes = { ...(targetPad && { targetPad }), ...(centreCrop === "even" && { centreHalf: centreCrop }) };
  const loaded = {
    pseudoTokens: pseudoTokens === undefined ? undefined : await loadPseudoTokens(clip, pseudoTokens),
    clip: Object.keys(changes).length === 0 ? clip : await changePreprocessing(clip, changes),
    phi: phi === undefined ? undefined : await loadPhi(clip, phi),
    textEncoder: textEncoder === undefined ? undefined : await loadTextEncoder(clip, textEncoder),
  };
  for (const note of preprocessingNotes(loaded)) console.error(note);
  if (!half) return loaded;
  return {
    pseudoTokens: loaded.pseudoTokens,
    clip: await clipInHalf(loaded.clip),
    phi: loaded.phi && await modelInHalf(loaded.phi),
    textEncoder: loaded.textEncoder && await modelInHalf(loaded.textEncoder),
  };
}

/** A model that names in its provenance the CLIP that it was made with. */
interface Made {
  method?: string;
  provenance: Record<string, unknown>;
}

/**
 * Says of a phi or pseudo-tokens that they were made with the same weights and another preprocessing: it changes figures,
 * and nothing else would tell. Files that name no whole CLIP, such as released ones, have no note.
 */
export function preprocessingNotes(
  { clip, phi, pseudoTokens }: { clip: Pick<Clip, "identity">; phi?: Made; pseudoTokens?: Made },
): string[] {
  const differs = (made?: Made) =>
    typeof made?.provenance.clipIdentity === "string" && made.provenance.clipIdentity !== clip.identity;
  // LinCIR's phi has seen captions alone.
  const parts = [
    ...(phi?.method !== "LinCIR" && differs(phi) ? ["phi"] : []),
    ...(differs(pseudoTokens) ? ["the pseudo-tokens"] : []),
  ];
  if (parts.length === 0) return [];
  return [
    `NOTE: this CLIP had another preprocessing, tokenizer or configuration for ${parts.join(" and ")}; where images ` +
    "were padded then, pad them now too (evaluate: --target-pad).",
  ];
}

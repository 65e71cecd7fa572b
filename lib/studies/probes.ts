/** What is probed of a text encoder beside its rankings: what it reads out of a pseudo-token, what it attends to. */
import type { Weights } from "../tensors/weights.ts";
import { type AttentionShares, measureAttention } from "./attention_shares.ts";
import { type BareToken, measureBareToken } from "./bare_token.ts";
import type { OpenClip } from "./testbed.ts";

/** The choices of {@linkcode Probe}. */
export const probes = ["bare pseudo-token", "attention"] as const;
/**
 * What is probed, on the queries of the first benchmark:
 *
 * - `bare pseudo-token`: whether "a photo of [$]", without a conditioning text, finds what the reference image shows.
 * - `attention`: what the end-of-text token of composed queries attends to, layer by layer.
 */
export type Probe = typeof probes[number];

/** What was probed in an evaluation: plain numbers, as the cache holds them. */
export interface Probed {
  /** The probe "bare pseudo-token". */
  bareToken?: BareToken;
  /** The probe "attention". */
  attention?: AttentionShares;
}

/**
 * Probes a text encoder.
 *
 * @param choice name of the phi, and what is probed
 * @param textWeights of a fine-tuned text encoder; absent: the frozen one
 * @throws {Error} if the testbed has no queries to probe
 */
export async function probe(
  { clip, phi, probed }: OpenClip,
  { phi: name, names }: { phi: string; names: readonly Probe[] },
  textWeights?: Weights,
): Promise<Probed> {
  if (!probed) throw new Error("Probing a text encoder failed: the testbed gives no queries for it; name no probes.");
  const models = { clip, phi: phi(name), probed, textWeights };
  return {
    ...(names.includes("bare pseudo-token") && { bareToken: await measureBareToken(models) }),
    ...(names.includes("attention") && { attention: await measureAttention(models) }),
  };
}

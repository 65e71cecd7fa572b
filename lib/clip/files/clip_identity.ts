/** What a CLIP is: everything that decides its features, as one hash. */
import { jsonHash } from "../../io/hash.ts";
import type { Preprocessing } from "../images/preprocess.ts";
import type { ClipConfig } from "../model/config.ts";
import type { Tokenizer } from "../model/tokenizer.ts";

/** The parts of a CLIP that decide its features. */
export interface IdentifiedParts {
  /** SHA-256 of the weights' file or files. */
  hash: string;
  /** Sizes of both towers. */
  config: ClipConfig;
  /** The tokenizer. */
  tokenizer: Pick<Tokenizer, "json">;
  /** How an image becomes pixels. */
  preprocessing: Preprocessing;
}

/**
 * Hashes weights, configuration, tokenizer and preprocessing together: two CLIPs of one identity compute the same
 * features, and a changed `config.json` or `tokenizer.json` is another CLIP although its weights are the same.
 *
 * @returns SHA-256, 64 hexadecimal digits
 */
export async function clipIdentity(
  { hash, config, tokenizer, preprocessing }: IdentifiedParts,
): Promise<string> {
  const { size, mean, standardDeviation, targetPad, centreHalf } = preprocessing;
  return await jsonHash({
    weights: hash,
    config,
    tokenizer: await jsonHash(tokenizer.json),
    // What is absent leaves the identity as it was before there was such a choice.
    preprocessing: { size, mean, standardDeviation, targetPad, centreHalf },
  });
}

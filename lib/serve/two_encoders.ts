/** One query with two text encoders, the frozen one and the fine-tuned one, over the same images. */
import type { Clip } from "../clip/files/model_folder.ts";
import type { Phi } from "../projection/phi.ts";
import type { ImageIndex } from "../search/image_index.ts";
import { search } from "../search/search.ts";
import { takenMethod } from "../search/search_method.ts";
import type { Weights } from "../tensors/weights.ts";
import type { PageQuery, PageResults } from "./collection.ts";

/** What is searched, and with what. */
export interface TwoEncoders {
  /** The images. */
  index: ImageIndex;
  /** The CLIP of the index, with the frozen text encoder. */
  clip: Clip;
  /** The projection; "composed" needs it. */
  phi?: Phi;
  /** Weights of the fine-tuned text encoder, if there is one. */
  textWeights?: Weights;
}

/** Searches with each encoder that there is, and once where no text is read. @throws {Error} as `search` */
export async function searchTwice(
  { index, clip, phi, textWeights }: TwoEncoders,
  query: PageQuery,
): Promise<PageResults> {
  const method = takenMethod(query), options = { ...query, method, clip, phi };
  const frozen = await search(index, options);
  if (!textWeights || method === "image") return { method, frozen };
  return { method, frozen, fineTuned: await search(index, { ...options, textWeights }) };
}

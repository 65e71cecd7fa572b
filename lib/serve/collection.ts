/** What the page needs of a collection of images: to show them, to encode a further one, and to search. */
import type { SearchHit } from "../search/search.ts";
import type { SearchMethod } from "../search/search_method.ts";

/** An image as bytes for a browser. */
export interface ServedImage {
  /** The content. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  type: "image/jpeg" | "image/svg+xml";
}

/** A search of the page. */
export interface PageQuery {
  /** The reference image: the row of one of the collection, or the features `[P]` of another; absent: none. */
  image?: number | Float32Array;
  /** The change, or what is looked for; may be empty. */
  text: string;
  /** How both become one query. */
  method: SearchMethod;
  /** How much the text counts, from 0 (the image alone) to 1 (the text alone). */
  weight: number;
  /** Number of results of each encoder. */
  top: number;
}

/** The results of both text encoders; those of the fine-tuned one are absent while there is none. */
export interface PageResults {
  /** The way that was taken, which without a text or without an image is not the one that was asked for. */
  method: SearchMethod;
  /** The frozen encoder's. */
  frozen: SearchHit[];
  /** The fine-tuned encoder's. */
  fineTuned?: SearchHit[];
}

/** A search to begin with. */
export interface Example {
  /** Row of the reference image. */
  row: number;
  /** The change. */
  text: string;
}

/** A collection that can be searched. */
export interface Collection {
  /** Its name in words. */
  title: string;
  /** Identifies its images in their addresses, so that a browser never shows one of another collection. */
  key: string;
  /** Number of images. */
  size: number;
  /** Searches to begin with; may be none. */
  examples: readonly Example[];
  /** Credits of the images; may be none. */
  credits: readonly string[];
  /** The ways to search that are possible with the models at hand. */
  methods: readonly SearchMethod[];
  /** Those of them that a weight changes. */
  weighted: readonly SearchMethod[];
  /** Name of an image, for people who do not see it. */
  label(row: number): string;
  /** An image to be shown. @throws {Error} if it cannot be read any more */
  image(row: number): Promise<ServedImage>;
  /** Encodes an image that is not in the collection. `[P]` @throws {Error} if it cannot be decoded */
  encode(bytes: Uint8Array): Promise<Float32Array>;
  /** Searches with each text encoder. */
  search(query: PageQuery): Promise<PageResults>;
}

/** Something that goes on in the background, in words and numbers. */
export interface Stage {
  /** What is done. */
  title: string;
  /** How much of it is done. */
  done: number;
  /** How much there is. */
  total: number;
  /** A further figure, such as the loss. */
  note?: string;
  /** Seconds left, where they can be known. */
  secondsLeft?: number;
}

/** What is served: it changes while the page is open. */
export interface Served {
  /** The collection; absent while it is made. */
  collection?: Collection;
  /** What goes on now. */
  stage?: Stage;
  /** Whether there is a fine-tuned text encoder, or will be. */
  fineTuned: "ready" | "in training" | "none";
  /** What fine-tuned it, such as "RTD", where that is known. */
  fineTuning?: string;
  /** Why making the collection or the encoder failed, in a sentence. */
  fault?: string;
  /** The device, in words. */
  device: string;
}

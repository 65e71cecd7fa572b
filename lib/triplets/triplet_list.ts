/** Millions of triplets in little memory, any of them at hand. */
import { createHash } from "node:crypto";
import type { Triplet } from "./triplet.ts";

/** Triplets of a block; a power of two, so that an index splits into block and place by shifts. */
const blockBits = 14, blockSize = 1 << blockBits;

/**
 * A list of triplets whose texts are kept as UTF-8 outside the garbage-collected heap: about the size of the texts
 * themselves, where an array of objects takes three times that and has a limit of a few gigabytes.
 */
export interface TripletList extends Iterable<Triplet> {
  /** Number of triplets. */
  length: number;
  /** Returns the triplet with an index. @throws {Error} if there is none */
  at(index: number): Triplet;
  /** Returns a SHA-256 of all texts in their order, 64 hexadecimal digits. */
  hash(): string;
  /** Bytes that the texts take. */
  bytes: number;
}

/** The texts of up to 16,384 triplets, one behind the other. */
interface Block {
  text: Uint8Array;
  /** Where each text ends; three a triplet. */
  ends: Uint32Array;
}

/** A list that grows. */
export interface TripletListBuilder {
  /** Appends triplets. */
  add(triplets: readonly Triplet[]): void;
  /** Ends the list; nothing can be added after. */
  finish(): TripletList;
}

/** Starts a list. */
export function tripletListBuilder(): TripletListBuilder {
  const blocks: Block[] = [], hash = createHash("sha256");
  let open: Triplet[] = [], bytes = 0;
  const seal = () => {
    const block = packed(open);
    bytes += block.text.length;
    hash.update(block.text).update(new Uint8Array(block.ends.buffer));
    blocks.push(block);
    open = [];
  };
  return {
    add(triplets) {
      for (const triplet of triplets) {
        open.push(triplet);
        if (open.length === blockSize) seal();
      }
    },
    finish() {
      const length = blocks.length * blockSize + open.length;
      if (open.length > 0) seal();
      return tripletList(blocks, length, bytes, hash.digest("hex"));
    },
  };
}

function tripletList(blocks: readonly Block[], length: number, bytes: number, hash: string): TripletList {
  const decoder = new TextDecoder();
  const at = (index: number): Triplet => {
    if (!(Number.isInteger(index) && index >= 0 && index < length)) {
      throw new Error(`Reading a triplet failed: there is no triplet ${index}; the list has ${length}.`);
    }
    const { text, ends } = blocks[index >> blockBits], place = 3 * (index & (blockSize - 1));
    const part = (i: number) => decoder.decode(text.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
    return { reference: part(place), conditioning: part(place + 1), target: part(place + 2) };
  };
  return {
    length,
    bytes,
    at,
    hash: () => hash,
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield at(i);
    },
  };
}

const encoder = new TextEncoder();

function packed(triplets: readonly Triplet[]): Block {
  const texts = triplets.flatMap(({ reference, conditioning, target }) => [reference, conditioning, target]);
  const ends = new Uint32Array(texts.length);
  // A unit of UTF-16 takes three bytes of UTF-8 at most.
  const text = new Uint8Array(3 * texts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  texts.forEach((one, i) => {
    end += encoder.encodeInto(one, text.subarray(end)).written;
    ends[i] = end;
  });
  return { text: text.slice(0, end), ends };
}

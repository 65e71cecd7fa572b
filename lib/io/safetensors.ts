/** Safetensors: a length, a JSON header, and the tensors' bytes. Reading checks everything before it touches data. */
import { crc32 } from "node:zlib";
import { decodeNumbers, type NumberFormat } from "./numbers.ts";
import { filePath, type Path } from "./path.ts";
import {
  checksumOf,
  damaged,
  type Entry,
  failing,
  type Header,
  headerBytes,
  layOut,
  parseHeader,
  type Slice,
  splitChecksum,
} from "./safetensors_header.ts";
import { shown } from "./shown.ts";

/** One array with its shape. */
export interface NamedArray {
  /** Lengths of the axes; `[]` for a scalar. */
  shape: number[];
  /** The numbers in row-major order. */
  values: Float32Array | Int32Array;
}

/** The contents of a safetensors file. */
export interface SafetensorsFile {
  /** Arrays by name, in the order of their bytes. */
  arrays: Record<string, NamedArray>;
  /** The strings of the header's `__metadata__`; `{}` if it has none. */
  metadata: Record<string, string>;
}

/** An open safetensors file, whose tensors are read one at a time. */
export interface OpenSafetensors {
  /** Shapes of the tensors by name. */
  shapes: Record<string, number[]>;
  /** The strings of the header's `__metadata__`; `{}` if it has none. */
  metadata: Record<string, string>;
  /** Reads one tensor. @throws {Error} if there is none of that name */
  read(name: string): NamedArray;
  /**
   * Begins a comparison with the checksum that {@linkcode writeSafetensors} wrote; files of other programs have none.
   */
  verify(): ChecksumPass;
  /** Reads the whole file once and compares its checksum. @throws {Error} if it has one and it differs */
  checkWhole(): Promise<void>;
  /** Closes the file; nothing can be read afterwards. */
  close(): void;
  /** Closes the file. */
  [Symbol.dispose](): void;
}

/** A pass over the bytes of a whole file, header included, that ends with the comparison of its checksum. */
export interface ChecksumPass {
  /** Takes the file's next bytes. */
  take(part: Uint8Array): void;
  /** Compares the checksum. @throws {Error} if the file has one and it differs */
  end(): void;
}

/**
 * Reads a whole safetensors file from its bytes. Half-precision numbers become 32-bit floats.
 *
 * @param bytes the file's content
 * @param file its name, for error messages
 * @throws {Error} if the file is cut short, its lengths contradict one another, or it holds a type that is not known
 *
 * @example
 * ```ts
 * const bytes = writeSafetensors({ bias: { shape: [2], values: Float32Array.of(0.5, 1) } });
 * const { arrays } = readSafetensors(bytes, "example.safetensors");
 * console.log(arrays.bias.shape, arrays.bias.values);
 * ```
 */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const slice = (from: number, length: number) => bytes.slice(from, from + length);
  const { dataStart, entries, metadata } = parseHeader(slice, bytes.length, failing(file));
  const { checksum, own } = splitChecksum(metadata);
  if (checksum !== undefined && checksum !== checksumOf(entries, own, crc32(bytes.subarray(dataStart)))) {
    failing(file)(damaged);
  }
  const arrays: Record<string, NamedArray> = {};
  for (const [name, entry] of entries) arrays[name] = readEntry(slice, dataStart, entry);
  return { arrays, metadata: own };
}

/**
 * Opens a safetensors file and reads its header alone; each tensor is read on demand, so that one tower can be loaded
 * without holding the whole checkpoint in memory.
 *
 * @returns the open file, the caller's to close
 * @throws {Error} as {@linkcode readSafetensors}, and if the file cannot be opened
 */
export function openSafetensors(path: Path): OpenSafetensors {
  const file = filePath(path), handle = Deno.openSync(file);
  const fail = failing(file);
  const slice = (from: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length);
    handle.seekSync(from, Deno.SeekMode.Start);
    for (let at = 0; at < length;) {
      const count = handle.readSync(bytes.subarray(at));
      if (count === null) return fail(`it ends at byte ${from + at}, ${from + length} were expected`);
      at += count;
    }
    return bytes;
  };
  let header: Header;
  try {
    header = parseHeader(slice, handle.statSync().size, fail);
  } catch (error) {
    handle.close();
    throw error;
  }
  const { dataStart, entries, metadata } = header, { checksum, own } = splitChecksum(metadata);
  const verify = (): ChecksumPass => {
    let at = 0, sum = 0;
    return {
      take(part) {
        if (checksum === undefined) return;
        const data = at < dataStart ? part.subarray(Math.min(part.length, dataStart - at)) : part;
        sum = crc32(data, sum);
        at += part.length;
      },
      end() {
        if (checksum !== undefined && checksum !== checksumOf(entries, own, sum)) fail(damaged);
      },
    };
  };
  return {
    shapes: Object.fromEntries([...entries].map(([name, { shape }]) => [name, shape])),
    metadata: own,
    read(name) {
      const entry = entries.get(name);
      return entry ? readEntry(slice, dataStart, entry) : fail(`it has no tensor ${shown(name)}`);
    },
    verify,
    async checkWhole() {
      if (checksum === undefined) return;
      const pass = verify();
      using whole = await Deno.open(file);
      for await (const part of whole.readable) pass.take(part);
      pass.end();
    },
    close: () => handle.close(),
    [Symbol.dispose]: () => handle.close(),
  };
}

function readEntry(slice: Slice, dataStart: number, { dtype, shape, data_offsets: [from, to] }: Entry): NamedArray {
  return { shape, values: decodeNumbers(slice(dataStart + from, to - from).buffer, dtype) };
}

/**
 * Makes the bytes of a safetensors file. Names are sorted, so the same arrays give the same bytes. The metadata gets a
 * checksum over everything, which {@linkcode readSafetensors} compares; other programs ignore it.
 *
 * @param arrays arrays by name
 * @param metadata strings for the header's `__metadata__`
 * @param floats how floating-point arrays are stored; `"F16"` halves the size and keeps eleven bits of each number
 * @returns the content of the file
 *
 * @example
 * ```ts
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * const weight = { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) };
 * await Deno.writeFile(path, writeSafetensors({ weight }, { method: "example" }, "F16"));
 * ```
 */
export function writeSafetensors(
  arrays: Record<string, NamedArray>,
  metadata: Record<string, string> = {},
  floats: "F32" | "F16" = "F32",
): Uint8Array {
  const stored = new Map(Object.entries(arrays).map(([name, array]) => [name, storedAs(array.values, floats)]));
  const entries = layOut(
    Object.fromEntries([...stored].map(([name, { dtype }]) => [name, { dtype, shape: arrays[name].shape }])),
  );
  const parts = entries.map(([name]) => stored.get(name)!.bytes);
  const checksum = checksumOf(entries, metadata, parts.reduce((sum, part) => crc32(part, sum), 0));
  const header = headerBytes(entries, metadata, checksum);
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, header.length));
  let at = 0;
  for (const part of [header, ...parts]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Returns the type in which numbers are stored: integers keep theirs. */
export function storedType(integers: boolean, floats: "F32" | "F16"): NumberFormat {
  return integers ? "I32" : floats;
}

/** Returns the bytes of an array and their type. */
export function storedAs(
  values: NamedArray["values"],
  floats: "F32" | "F16",
): { dtype: NumberFormat; bytes: Uint8Array } {
  const integers = values instanceof Int32Array;
  const stored = integers || floats === "F32" ? values : Float16Array.from(values);
  return {
    dtype: integers ? "I32" : floats,
    bytes: new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength),
  };
}

/**
 * Safetensors: a length, a JSON header, and the tensors' bytes. Reading checks everything before it touches data.
 *
 * Format: https://github.com/huggingface/safetensors (8 bytes little-endian header length; header
 * `{name: {dtype, shape, data_offsets}, __metadata__}`; offsets count from the end of the header and leave no gap).
 */
import { crc32 } from "node:zlib";
import { isObject, isTexts } from "./json_values.ts";
import { bytesPerNumber, decodeNumbers, type NumberFormat } from "./numbers.ts";
import { filePath, type Path } from "./path.ts";
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
  /** Closes the file; nothing can be read afterwards. */
  close(): void;
}

/** A pass over the bytes of a whole file, header included, that ends with the comparison of its checksum. */
export interface ChecksumPass {
  /** Takes the file's next bytes. */
  take(part: Uint8Array): void;
  /** Compares the checksum. @throws {Error} if the file has one and it differs */
  end(): void;
}

interface Entry {
  dtype: NumberFormat;
  shape: number[];
  data_offsets: [number, number];
}

interface Header {
  dataStart: number;
  entries: Map<string, Entry>;
  metadata: Record<string, string>;
}

type Fail = (what: string) => never;

function failing(file: string): Fail {
  return (what) => {
    throw new Error(`Reading ${file} failed: ${what}; fetch or make the file again.`);
  };
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
  const checksum = metadata[checksumKey], own = withoutChecksum(metadata);
  if (checksum !== undefined && checksum !== checksumOf(describe(entries, own), crc32(bytes.subarray(dataStart)))) {
    failing(file)(damaged);
  }
  const arrays: Record<string, NamedArray> = {};
  for (const [name, entry] of entries) arrays[name] = readEntry(slice, dataStart, entry);
  return { arrays, metadata: own };
}

/** Key of the checksum that {@linkcode writeSafetensors} puts into a header's `__metadata__`. */
const checksumKey = "rtd_crc32";

const damaged = "its checksum does not match: it is damaged, or another program changed it";

function withoutChecksum({ [checksumKey]: _, ...metadata }: Record<string, string>): Record<string, string> {
  return metadata;
}

/** Returns the part of a header that the checksum covers: metadata, and names with shapes in the order of the data. */
function describe(entries: Iterable<readonly [string, Entry]>, metadata: Record<string, string>): string {
  return JSON.stringify([metadata, [...entries].map(([name, { dtype, shape }]) => [name, dtype, shape])]);
}

/** The checksum of a description and of the data behind the header, whose CRC-32 is given. */
function checksumOf(description: string, dataCrc: number): string {
  return crc32(description, dataCrc).toString(16).padStart(8, "0");
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
  const { dataStart, entries, metadata } = header, checksum = metadata[checksumKey], own = withoutChecksum(metadata);
  return {
    shapes: Object.fromEntries([...entries].map(([name, { shape }]) => [name, shape])),
    metadata: own,
    read(name) {
      const entry = entries.get(name);
      return entry ? readEntry(slice, dataStart, entry) : fail(`it has no tensor ${shown(name)}`);
    },
    verify() {
      let at = 0, sum = 0;
      return {
        take(part) {
          if (checksum === undefined) return;
          const data = at < dataStart ? part.subarray(Math.min(part.length, dataStart - at)) : part;
          sum = crc32(data, sum);
          at += part.length;
        },
        end() {
          if (checksum !== undefined && checksum !== checksumOf(describe(entries, own), sum)) fail(damaged);
        },
      };
    },
    close: () => handle.close(),
  };
}

type Slice = (from: number, length: number) => Uint8Array<ArrayBuffer>;

function readEntry(slice: Slice, dataStart: number, { dtype, shape, data_offsets: [from, to] }: Entry): NamedArray {
  return { shape, values: decodeNumbers(slice(dataStart + from, to - from).buffer, dtype) };
}

/** Reads and checks the header of a file of `size` bytes. */
function parseHeader(slice: Slice, size: number, fail: Fail): Header {
  if (size < 8) fail(`it has ${size} bytes, fewer than the 8 of a safetensors header`);
  const length = new DataView(slice(0, 8).buffer).getBigUint64(0, true);
  if (length > BigInt(size - 8)) fail(`its header claims ${length} bytes and ${size - 8} follow`);
  const dataStart = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(slice(8, Number(length))));
  } catch {
    return fail("its header is not JSON");
  }
  if (!isObject(header)) return fail("its header is not an object");

  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isObject(metadata) || !isTexts(Object.values(metadata))) {
    fail("its __metadata__ is no object of strings");
  }
  const entries = Object.entries(rest).map(([name, entry]) => [name, checkEntry(name, entry, fail)] as const);
  entries.sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0]);
  let end = 0;
  for (const [name, { data_offsets: [from, to] }] of entries) {
    if (from !== end) fail(`${shown(name)} begins at byte ${from}, expected ${end} (overlap or gap)`);
    end = to;
  }
  if (dataStart + end !== size) fail(`its tensors need ${dataStart + end} bytes in all and it has ${size}`);
  return { dataStart, entries: new Map(entries), metadata: metadata as Record<string, string> };
}

function checkEntry(name: string, value: unknown, fail: Fail): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  if (typeof dtype !== "string" || !Object.hasOwn(bytesPerNumber, dtype)) {
    const known = Object.keys(bytesPerNumber).join(", ");
    return fail(`${shown(name)} has the type ${shown(dtype)}, expected one of ${known}`);
  }
  const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(whole)) return fail(`${shown(name)} has the shape ${shown(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole)) {
    return fail(`${shown(name)} has the data_offsets ${shown(offsets)}`);
  }
  const need = shape.reduce((product, side) => product * side, 1) * bytesPerNumber[dtype];
  if (offsets[1] - offsets[0] !== need) {
    return fail(
      `${shown(name)} ${dtype} ${shown(shape)} needs ${need} bytes and its offsets give ${offsets[1] - offsets[0]}`,
    );
  }
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] };
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
  const entries: [string, Entry][] = [], parts: Uint8Array[] = [];
  let offset = 0;
  for (const name of Object.keys(arrays).sort()) {
    const { shape, values } = arrays[name];
    const integers = values instanceof Int32Array;
    const stored = integers || floats === "F32" ? values : Float16Array.from(values);
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    entries.push([name, { dtype: integers ? "I32" : floats, shape, data_offsets: [offset, offset + bytes.length] }]);
    parts.push(bytes);
    offset += bytes.length;
  }
  const sum = parts.reduce((sum, part) => crc32(part, sum), 0);
  const checksum = checksumOf(describe(entries, metadata), sum);
  const header = { __metadata__: { ...metadata, [checksumKey]: checksum }, ...Object.fromEntries(entries) };
  // The header is padded with spaces to a multiple of eight, as the reference does, so that the data is aligned.
  const unpadded = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(unpadded.length / 8) * 8;
  const out = new Uint8Array(8 + headerLength + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.fill(0x20, 8, 8 + headerLength);
  out.set(unpadded, 8);
  let at = 8 + headerLength;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/**
 * The header of a safetensors file: checked when it is read, and made with a checksum over the whole file.
 *
 * Format: https://github.com/huggingface/safetensors (8 bytes little-endian header length; header
 * `{name: {dtype, shape, data_offsets}, __metadata__}`; offsets count from the end of the header and leave no gap).
 */
import { crc32 } from "node:zlib";
import { isObject, isTexts } from "./json_values.ts";
import { bytesPerNumber, type NumberFormat } from "./numbers.ts";
import { shown } from "./shown.ts";

/** Where a tensor's bytes lie, counted from the end of the header, and how they are read. */
export interface Entry {
  dtype: NumberFormat;
  shape: number[];
  data_offsets: [number, number];
}

/** A header, and where the tensors' bytes begin. */
export interface Header {
  dataStart: number;
  entries: Map<string, Entry>;
  metadata: Record<string, string>;
}

/** Throws an error that names the file. */
export type Fail = (what: string) => never;

/** Returns what throws an error that names a file. */
export function failing(file: string): Fail {
  return (what) => {
    throw new Error(`Reading ${file} failed: ${what}; fetch or make the file again.`);
  };
}

/** What is said of a file whose checksum differs. */
export const damaged = "its checksum does not match: it is damaged, or another program changed it";

/** Key of the checksum in a header's `__metadata__`; other programs ignore it. */
const checksumKey = "rtd_crc32";

/** Returns the checksum that a header names, and the metadata without it. */
export function splitChecksum({ [checksumKey]: checksum, ...own }: Record<string, string>): {
  checksum: string | undefined;
  own: Record<string, string>;
} {
  return { checksum, own };
}

/**
 * Computes the checksum of a file from its metadata, its names and shapes in the order of the data, and the CRC-32 of
 * the data behind the header: 8 hexadecimal digits.
 */
export function checksumOf(
  entries: Iterable<readonly [string, Entry]>,
  metadata: Record<string, string>,
  dataCrc: number,
): string {
  const description = JSON.stringify([metadata, [...entries].map(([name, { dtype, shape }]) => [name, dtype, shape])]);
  return crc32(description, dataCrc).toString(16).padStart(8, "0");
}

/** The type of an array's numbers and its shape. */
export interface ArrayForm {
  /** The type in which the numbers are stored. */
  dtype: Entry["dtype"];
  /** Lengths of the axes. */
  shape: number[];
}

/** Lays arrays out one after the other, by name, so that the same arrays give the same bytes. */
export function layOut(forms: Record<string, ArrayForm>): [string, Entry][] {
  let offset = 0;
  return Object.keys(forms).sort().map((name) => {
    const { dtype, shape } = forms[name], from = offset;
    offset += bytesOf(forms[name]);
    return [name, { dtype, shape, data_offsets: [from, offset] }];
  });
}

/** Makes the bytes of a header, its length in front; a checksum is always 8 digits, so the length does not change. */
export function headerBytes(
  entries: readonly (readonly [string, Entry])[],
  metadata: Record<string, string>,
  checksum: string,
): Uint8Array {
  const header = { __metadata__: { ...metadata, [checksumKey]: checksum }, ...Object.fromEntries(entries) };
  // The header is padded with spaces to a multiple of eight, as the reference does, so that the data is aligned.
  const unpadded = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(8 + Math.ceil(unpadded.length / 8) * 8);
  new DataView(out.buffer).setBigUint64(0, BigInt(out.length - 8), true);
  out.fill(0x20, 8);
  out.set(unpadded, 8);
  return out;
}

/** Reads some bytes of a file. */
export type Slice = (from: number, length: number) => Uint8Array<ArrayBuffer>;

/** Reads and checks the header of a file of `size` bytes. */
export function parseHeader(slice: Slice, size: number, fail: Fail): Header {
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
  const need = bytesOf({ dtype, shape });
  if (offsets[1] - offsets[0] !== need) {
    return fail(
      `${shown(name)} ${dtype} ${shown(shape)} needs ${need} bytes and its offsets give ${offsets[1] - offsets[0]}`,
    );
  }
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] };
}

function bytesOf({ dtype, shape }: ArrayForm): number {
  return shape.reduce((product, side) => product * side, 1) * bytesPerNumber[dtype];
}

/**
 * Safetensors: a length, a JSON header, and the tensors' bytes. Reading checks everything before it touches data.
 *
 * Format: https://github.com/huggingface/safetensors (8 bytes little-endian header length; header
 * `{name: {dtype, shape, data_offsets}, __metadata__}`; offsets are relative to the end of the header and leave no gap).
 */

/** Number formats that are read. All become 32-bit floats, or 32-bit integers for I32. */
export type SafetensorsType = "F32" | "F16" | "BF16" | "I32";

/** One array with its shape. */
export interface NamedArray {
  shape: number[];
  values: Float32Array | Int32Array;
}

/** A file's contents. */
export interface SafetensorsFile {
  arrays: Record<string, NamedArray>;
  metadata: Record<string, string>;
}

const bytesPer: Record<SafetensorsType, number> = { F32: 4, F16: 2, BF16: 2, I32: 4 };

interface Entry {
  dtype: SafetensorsType;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Reads a whole file from memory.
 *
 * @param file for messages
 * @throws {Error} if the file is cut short, lies about its lengths, or holds a type that is not known.
 */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const fail = (what: string): never => {
    throw new Error(`Reading ${file} failed: ${what}; fetch or make the file again.`);
  };
  if (bytes.length < 8) fail(`it has ${bytes.length} bytes, fewer than the 8 of a safetensors header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(bytes.length - 8)) {
    fail(`its header claims ${headerLength} bytes and ${bytes.length - 8} follow`);
  }
  const dataStart = 8 + Number(headerLength);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, dataStart)));
  } catch {
    return fail("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) fail("its header is not an object");

  const { __metadata__: metadata = {}, ...rest } = header;
  const entries = Object.entries(rest).map(([name, entry]) => [name, checkEntry(name, entry, fail)] as const);
  entries.sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0]);
  let end = 0;
  for (const [name, { data_offsets: [from, to] }] of entries) {
    if (from !== end) fail(`"${name}" begins at byte ${from}, expected ${end} (overlap or gap)`);
    end = to;
  }
  if (dataStart + end !== bytes.length) {
    fail(`its tensors need ${dataStart + end} bytes in all and it has ${bytes.length}`);
  }
  const arrays: Record<string, NamedArray> = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of entries) {
    // A copy: it aligns the numbers, and lets the file's bytes go.
    const raw = bytes.slice(dataStart + from, dataStart + to).buffer;
    arrays[name] = { shape, values: decode(raw, dtype) };
  }
  return { arrays, metadata: metadata as Record<string, string> };
}

function checkEntry(name: string, value: unknown, fail: (what: string) => never): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Entry>;
  if (dtype === undefined || !Object.hasOwn(bytesPer, dtype)) {
    return fail(`"${name}" has the type ${JSON.stringify(dtype)}, expected one of ${Object.keys(bytesPer).join(", ")}`);
  }
  const whole = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(whole)) return fail(`"${name}" has the shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole)) {
    return fail(`"${name}" has the data_offsets ${JSON.stringify(offsets)}`);
  }
  const need = shape.reduce((product, size) => product * size, 1) * bytesPer[dtype];
  if (offsets[1] - offsets[0] !== need) {
    return fail(`"${name}" ${dtype} [${shape}] needs ${need} bytes and its offsets give ${offsets[1] - offsets[0]}`);
  }
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] };
}

function decode(raw: ArrayBuffer, dtype: SafetensorsType): Float32Array | Int32Array {
  switch (dtype) {
    case "F32":
      return new Float32Array(raw);
    case "I32":
      return new Int32Array(raw);
    case "F16":
      return Float32Array.from(new Float16Array(raw));
    case "BF16": {
      // A bfloat16 is the upper half of a float32.
      const halves = new Uint16Array(raw), out = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) out[i] = halves[i] << 16;
      return new Float32Array(out.buffer);
    }
  }
}

/**
 * Writes a file's bytes. Names are sorted, so the same arrays give the same bytes.
 *
 * @param floats how floating-point arrays are stored; F16 halves the size and keeps eleven bits of each number
 */
export function writeSafetensors(
  arrays: Record<string, NamedArray>,
  metadata: Record<string, string> = {},
  floats: "F32" | "F16" = "F32",
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const name of Object.keys(arrays).sort()) {
    const { shape, values } = arrays[name];
    const integers = values instanceof Int32Array;
    const stored = integers || floats === "F32" ? values : Float16Array.from(values);
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    header[name] = { dtype: integers ? "I32" : floats, shape, data_offsets: [offset, offset + bytes.length] };
    parts.push(bytes);
    offset += bytes.length;
  }
  // The header is padded with spaces to a multiple of eight, as the reference does, so that the data is aligned.
  const text = JSON.stringify(header);
  const encoded = new TextEncoder().encode(
    text.padEnd(text.length + (8 - new TextEncoder().encode(text).length % 8) % 8),
  );
  const out = new Uint8Array(8 + encoded.length + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(encoded.length), true);
  out.set(encoded, 8);
  let at = 8 + encoded.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

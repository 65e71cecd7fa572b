/** Stored number formats as 32-bit floats or integers. */

/** Number formats that can be read, by the names that safetensors gives them. */
export type NumberFormat = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32";

/** Bytes that one number of each format takes. */
export const bytesPerNumber: Record<NumberFormat, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4 };

/**
 * Decodes little-endian numbers: floating-point formats to 32-bit floats, integer formats to 32-bit integers.
 *
 * @param raw its length is a multiple of the format's size; the buffer of a 32-bit format is used as it is, not copied
 */
export function decodeNumbers(raw: ArrayBuffer, format: NumberFormat): Float32Array | Int32Array {
  switch (format) {
    case "F64":
      return Float32Array.from(new Float64Array(raw));
    case "F32":
      return new Float32Array(raw);
    case "F16":
      return Float32Array.from(new Float16Array(raw));
    case "BF16": {
      // A bfloat16 is the upper half of a float32.
      const halves = new Uint16Array(raw), out = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) out[i] = halves[i] << 16;
      return new Float32Array(out.buffer);
    }
    case "I64":
      return Int32Array.from(new BigInt64Array(raw), Number);
    case "I32":
      return new Int32Array(raw);
  }
}

/**
 * Checks that every number of an array is finite.
 *
 * @param name of the array, for the error message
 * @param file that it comes from, for the error message
 * @throws {Error} naming the first number that is NaN or infinite
 */
export function requireFinite(values: Float32Array | Int32Array, name: string, file: string): void {
  for (let i = 0; i < values.length; i++) {
    // The difference of a finite number with itself is zero, that of NaN or infinity is NaN.
    if (values[i] - values[i] !== 0) {
      throw new Error(
        `Reading ${file} failed: number ${i} of "${name}" is ${
          values[i]
        }; the file is damaged, or its training failed.`,
      );
    }
  }
}

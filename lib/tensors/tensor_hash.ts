/** Hashes of tensors' contents. */
import { sha256 } from "../io/hash.ts";
import type * as tf from "./tf.ts";

/** SHA-256 of a tensor's shape and 32-bit floats, 64 hexadecimal digits. */
export async function tensorHash(tensor: tf.Tensor): Promise<string> {
  const { buffer, byteOffset, byteLength } = await tensor.data() as Float32Array;
  const shape = new TextEncoder().encode(`${tensor.shape}:`), values = new Uint8Array(buffer, byteOffset, byteLength);
  const bytes = new Uint8Array(shape.length + byteLength);
  bytes.set(shape);
  bytes.set(values, shape.length);
  return await sha256(bytes);
}

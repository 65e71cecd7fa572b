/** Hashes of tensors' contents. */
import { createHash } from "node:crypto";
import type * as tf from "./tf.ts";

/** SHA-256 of a tensor's shape and 32-bit floats, 64 hexadecimal digits. */
export async function tensorHash(tensor: tf.Tensor): Promise<string> {
  const { buffer, byteOffset, byteLength } = await tensor.data() as Float32Array;
  const digest = createHash("sha256").update(`${tensor.shape}:`);
  return digest.update(new Uint8Array(buffer, byteOffset, byteLength)).digest("hex");
}

/** Reading reference values and comparing with them. */
import * as tf from "../lib/tensors/tf.ts";
import { assert } from "@std/assert";

/** A reference array. */
export interface Golden {
  shape: number[];
  values: number[];
}

/** A golden file's contents. */
export function readGolden<T>(name: string): T {
  return JSON.parse(Deno.readTextFileSync(new URL(`goldens/${name}`, import.meta.url)));
}

/** The golden as a tensor. */
export function tensorOf<T extends tf.Tensor>({ shape, values }: Golden): T {
  return tf.tensor(values, shape) as T;
}

/** Largest difference, relative to the largest reference value (elements near zero carry no relative meaning). */
export async function relativeError(actual: tf.Tensor, { shape, values }: Golden): Promise<number> {
  assert(actual.shape.join() === shape.join(), `shape [${actual.shape}], the reference has [${shape}]`);
  const found = await actual.data();
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = values.reduce((most, value, i) => Math.max(most, Math.abs(found[i] - value)), 0);
  return off / Math.max(largest, 1e-30);
}

/** Fails if {@linkcode relativeError} is above `tolerance`. */
export async function assertNear(what: string, actual: tf.Tensor, golden: Golden, tolerance: number): Promise<void> {
  const error = await relativeError(actual, golden);
  assert(error <= tolerance, `${what}: relative error ${error.toExponential(1)}, allowed ${tolerance}`);
}

/**
 * Compares a gradient with central differences of the function, along a few fixed directions.
 * @param step large enough for 32-bit floats: their rounding error is about 1e-7 / step
 */
export async function assertGradient(
  f: (x: tf.Tensor) => tf.Scalar,
  x: tf.Tensor,
  step = 1e-2,
  tolerance = 2e-3,
): Promise<void> {
  const gradient = tf.grad((x) => f(x))(x);
  for (let direction = 0; direction < 3; direction++) {
    const along = tf.tensor(
      Float32Array.from({ length: x.size }, (_, i) => Math.sin(1 + i * (direction + 1.7))),
      x.shape,
    );
    const [expected] = await tf.tidy(() =>
      tf.div(tf.sub(f(tf.add(x, tf.mul(along, step))), f(tf.sub(x, tf.mul(along, step)))), 2 * step)
    ).data();
    const [found] = await tf.tidy(() => tf.sum(tf.mul(gradient, along))).data();
    assert(
      Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)),
      `direction ${direction}: gradient ${found}, central difference ${expected}`,
    );
  }
}

/**
 * The functions of `@std/assert` that this project uses, under the same names and with the same behaviour.
 *
 * The import map points `@std/assert` here, because `jsr:` specifiers cannot be resolved everywhere that the tests run;
 * where they can, the entry in `deno.json` may be changed to `jsr:@std/assert@1` and nothing else.
 */
import { deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";

/** Thrown when an assertion does not hold. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** Makes sure that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Makes sure that two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  check(() => deepStrictEqual(actual, expected), msg);
}

/** Makes sure that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  check(() => notDeepStrictEqual(actual, expected), msg);
}

/** Makes sure that two numbers differ by at most `tolerance` (default 1e-7). */
export function assertAlmostEquals(actual: number, expected: number, tolerance = 1e-7, msg?: string): void {
  if (Object.is(actual, expected) || Math.abs(expected - actual) <= tolerance) return;
  throw new AssertionError(
    `${msg ? `${msg}: ` : ""}Expected actual: "${actual}" to be close to "${expected}": ` +
      `delta "${Math.abs(expected - actual)}" is greater than "${tolerance}"`,
  );
}

/** Makes sure that `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    throw new AssertionError(`${msg ? `${msg}: ` : ""}Expected actual: "${actual}" to contain: "${expected}".`);
  }
}

/** Makes sure that `fn` throws, and returns what it threw. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, errorClass, msgIncludes);
  }
  throw new AssertionError("Expected function to throw.");
}

/** Makes sure that `fn` rejects, and returns what it rejected with. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, errorClass, msgIncludes);
  }
  throw new AssertionError("Expected function to reject.");
}

function checkError<E extends Error>(error: unknown, errorClass?: ErrorClass<E>, msgIncludes?: string): E {
  if (!(error instanceof Error)) throw new AssertionError("A non-Error object was thrown or rejected.");
  if (errorClass && !(error instanceof errorClass)) {
    throw new AssertionError(`Expected error to be instance of "${errorClass.name}", but was "${error.name}".`);
  }
  if (msgIncludes !== undefined) assertStringIncludes(error.message, msgIncludes);
  return error as E;
}

function check(fn: () => void, msg?: string): void {
  try {
    fn();
  } catch (cause) {
    const difference = cause instanceof Error ? cause.message : String(cause);
    throw new AssertionError(msg ? `${msg}: ${difference}` : difference, { cause });
  }
}

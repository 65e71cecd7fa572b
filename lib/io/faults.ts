/** Faults of the input, collected so that all of them are told before work starts. */
import { shownReason } from "./shown.ts";

/** A collection of faults. */
export interface Faults {
  /** Adds a fault in words. */
  add(text: string): void;
  /**
   * Runs one check; what it throws is a fault, or several where it collected them itself.
   * @param doing the check, as the start of a sentence ("Reading phi.safetensors"), for errors of the system, which do
   *   not say what was tried
   * @returns the check's result, or undefined where it threw
   */
  check<T>(doing: string, work: () => T | Promise<T>): Promise<T | undefined>;
  /** Throws all faults as one error, if there are any. @param doing the work, as the start of a sentence */
  throwIfAny(doing: string): void;
}

/** Starts a collection of faults. */
export function faults(): Faults {
  const found: Error[] = [];
  return {
    add: (text) => void found.push(new Error(text)),
    async check(doing, work) {
      try {
        return await work();
      } catch (error) {
        const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
        found.push(...errors.map((one) => inWords(doing, one)));
      }
    },
    throwIfAny(doing) {
      const texts = [...new Set(found.map(({ message }) => message))];
      if (texts.length === 0) return;
      const list = `, for ${texts.length} reasons:\n${texts.map((text) => `  - ${text}`).join("\n")}`;
      throw new AggregateError(found, `${doing} failed before it began${texts.length > 1 ? list : `: ${texts[0]}`}`);
    },
  };
}

/** Completes an error of the system, such as "Is a directory (os error 21)", to a sentence. */
function inWords(doing: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`${doing} failed: ${error}.`);
  if (!Object.values(Deno.errors).some((kind) => error instanceof kind)) return error;
  const reason = error instanceof Deno.errors.NotFound
    ? "there is no such file or folder"
    : shownReason(error).replace(/^./, (letter) => letter.toLowerCase());
  return new Error(`${doing} failed: ${reason}.`, { cause: error });
}

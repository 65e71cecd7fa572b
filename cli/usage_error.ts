/** Errors as one sentence on the standard error stream. */
import { CommanderError } from "./commander.ts";
import { environment } from "./environment.ts";

/**
 * Prints an error as one sentence, with its stack where the environment variable DEBUG is set.
 * @param name the command's name, for the advice
 * @returns the exit code: 130 if the error is that of `signal`, which needs no words
 */
export function reportError(error: unknown, name: string, signal: AbortSignal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0) console.error(usageError(error.message, name));
    return error.exitCode;
  }
  const stopped = signal.aborted && (error === signal.reason || error instanceof Error && error.name === "AbortError");
  if (!stopped) console.error(error instanceof Error ? error.message : String(error));
  if (environment("DEBUG")) console.error(Deno.inspect(error));
  return stopped ? 130 : 1;
}

/** Rewrites commander's "error: option '--steps <n>' argument 'x' is invalid. is not ..." as one sentence. */
function usageError(message: string, name: string): string {
  const option = message.match(/^error: option '(?:-\w, )?([^ ']+).*?' argument '(.*)' is invalid\. (.*)$/s);
  if (option) return ended(`${option[1]} "${option[2]}" ${option[3]}`);
  const argument = message.match(/^error: command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s);
  if (argument) return ended(`${argument[2]} "${argument[1]}" ${argument[3]}`);
  const text = message.replace(/^error: /, "").replace(/\.$/, "").replace(". Expected", ": expected");
  const [what, guess] = text.split("\n(Did you mean ");
  const rest = guess ? `did you mean ${guess.slice(0, -1)}` : `see ${name} --help.`;
  return `${what[0].toUpperCase()}${what.slice(1)}; ${rest}`;
}

/** A sentence with its end, unless it is a question. */
function ended(text: string): string {
  return text.endsWith("?") ? text : `${text}.`;
}

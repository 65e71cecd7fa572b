/** Options of the tasks: known ones only, each with its help. */
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** One option; a flag takes no value. */
export interface Option {
  help: string;
  default?: string;
  flag?: boolean;
}

/**
 * Reads the command line. `--help` prints the options and ends the process; an unknown option is an error.
 * A flag that was given reads "true".
 * @param args what is read; a task with positional arguments hands over the rest
 */
export function readOptions<T extends Record<string, Option>>(
  task: string,
  known: T,
  args: string[] = Deno.args,
): { [K in keyof T]?: string } {
  const options = Object.fromEntries(
    Object.entries({ ...known, help: { help: "this list", flag: true } as Option }).map(([name, { flag }]) => [
      name,
      { type: flag ? "boolean" as const : "string" as const },
    ]),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ options, args }));
  } catch (error) {
    const reason = (error as Error).message.split(". ")[0];
    throw new Error(`Starting "deno task ${task}" failed: ${reason}; known are --${Object.keys(known).join(", --")}.`);
  }
  if (values.help) {
    console.log(`deno task ${task}`);
    for (const [name, { help, default: standard }] of Object.entries(known)) {
      console.log(`  --${name.padEnd(14)} ${help}${standard === undefined ? "" : ` (${standard})`}`);
    }
    Deno.exit(0);
  }
  return Object.fromEntries(
    Object.entries(known).map(([name, option]) => [
      name,
      values[name] === undefined ? option.default : String(values[name]),
    ]),
  ) as { [K in keyof T]?: string };
}

/** A whole number of at least `least`. */
export function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(number) || number < least) {
    throw new Error(`--${name} "${text}" is not a whole number of at least ${least}.`);
  }
  return number;
}

/** One of a few names. */
export function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`--${name} "${text}" is unknown; there are ${known.join(", ")}.`);
  return found;
}

/** A folder named on the command line. */
export function toFileUrl(folder: string): URL {
  return new URL(`${pathToFileURL(folder)}/`);
}

/** Ends a task with one sentence; the stack is shown only when DEBUG is set. */
export function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  if (Deno.env.get("DEBUG") && error instanceof Error) console.error(error.stack);
  Deno.exit(1);
}

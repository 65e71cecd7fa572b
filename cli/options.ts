/**
 * Values of options and arguments: read with their type, and refused in words that {@linkcode usageError} completes.
 */
import { isAbsolute, normalize, resolve } from "node:path";
import { deviceChoices } from "../lib/backend/device_choice.ts";
import { nearestName } from "../lib/io/nearest_name.ts";
import { milvusAddress } from "../lib/search/milvus_address.ts";
import { InvalidArgumentError, Option } from "./commander.ts";
import { environment } from "./environment.ts";

/** Reads a whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => inRange(text, "whole number", Number.isSafeInteger, least, most);
}

/** Reads a finite number from `least` to `most`. */
export function realNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => inRange(text, "number", Number.isFinite, least, most);
}

/** Reads "none", or what `read` reads. */
export function noneOr<T>(read: (text: string) => T): (text: string) => T | "none" {
  return (text) => text === "none" ? text : read(text);
}

function inRange(text: string, kind: string, fits: (value: number) => boolean, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && fits(value) && value >= least && value <= most) return value;
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new InvalidArgumentError(`is not a ${kind} ${range}`);
}

/** Reads one of `choices`. */
export function choice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => known(text, choices);
}

/** Makes an option whose value is one of `choices`, which the help lists. */
export function oneOf<Flags extends string, const T extends string>(flags: Flags, help: string, choices: readonly T[]) {
  return withChoices(flags, help, choices, choice(choices));
}

/** Makes an option whose value is some of `choices`, separated by commas; one that is named twice counts once. */
export function listOf<Flags extends string, const T extends string>(
  flags: Flags,
  help: string,
  choices: readonly T[],
) {
  const read = (text: string) => [...new Set(text.split(",").map((part) => known(part.trim(), choices, text)))];
  return withChoices(flags, help, choices, read);
}

function withChoices<Flags extends string, T>(
  flags: Flags,
  help: string,
  choices: readonly string[],
  read: (text: string) => T,
) {
  const option = new Option(flags, help).argParser(read);
  option.argChoices = [...choices]; // for the help only: choices() would bring commander's own parser
  return option;
}

function known<T extends string>(text: string, choices: readonly T[], whole = text): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const part = text === whole ? "" : `names "${text}", which `, near = nearestName(text, choices);
  const guess = near === undefined ? "" : `; did you mean ${near}?`;
  throw new InvalidArgumentError(`${part}is not one of ${choices.join(", ")}${guess}`);
}

/** Reads a path; a relative one starts from the folder where the user stands. The last slash of a folder goes. */
export function path(): (text: string) => string {
  return (text) => {
    // Commander takes whatever follows an option as its value, be it the next option.
    if (text === "" || text.startsWith("--")) throw new InvalidArgumentError("is not a path");
    const whole = isAbsolute(text) ? normalize(text) : resolve(environment("INIT_CWD") || Deno.cwd(), text);
    return whole.length > 1 ? whole.replace(/\/+$/, "") : whole;
  };
}

/** Reads a share such as 3/8, counted from 1. @param most shares that are possible */
export function shard(most = Infinity): (text: string) => { index: number; of: number } {
  return (text) => {
    const [, index, of] = text.match(/^(\d+)\/(\d+)$/)?.map(Number) ?? [];
    if (index >= 1 && index <= of && of <= most) return { index, of };
    const limit = most === Infinity ? "" : `, of ${most} at most`;
    throw new InvalidArgumentError(`is not a share such as 3/8, counted from 1${limit}`);
  };
}

/** Makes `--index`, the address of a collection in Milvus. */
export function milvusOption(help: string) {
  return new Option("--index <address>", `${help}, such as milvus://localhost:19530/photos`).argParser((text) => {
    try {
      milvusAddress(text);
    } catch (error) {
      const [, why] = (error as Error).message.match(/\((.*)\); write/s)!;
      throw new InvalidArgumentError(`is no address of a Milvus collection: ${why}`);
    }
    return text;
  });
}

/** Reads the address of a server on this machine, without a last slash. */
export function localAddress(text: string): string {
  if (/^http:\/\/127\.0\.0\.1(:\d+)?(\/|$)/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("is no address on this machine, such as http://127.0.0.1:8000");
}

/** Makes `--device`, for every command that computes. */
export function deviceOption() {
  return oneOf("--device <name>", "what computes", deviceChoices).default("auto" as const);
}

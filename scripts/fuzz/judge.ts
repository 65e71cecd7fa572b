/** Judges how a parser refused an input: by an error of one sentence that names the file, or otherwise. */
import { Contradiction } from "./parser.ts";

/** Longest message that is one sentence; what a file holds has to be cut before it is shown. */
const longestMessage = 1000;

/** What is wrong with a refusal. */
export interface Fault {
  /** The same for faults of one cause: the place that threw, or the beginning of the message. */
  kind: string;
  /** What happened, for a reader. */
  what: string;
}

/**
 * Returns what is wrong with a refusal, or undefined if it is a good one. @param names one of which it has to contain
 */
export function faultOf(error: unknown, names: readonly string[]): Fault | undefined {
  if (error instanceof Contradiction) {
    return { kind: error.kind, what: `contradicts itself: ${shown(error.message)}` };
  }
  if (!(error instanceof Error)) return { kind: "no error", what: `threw ${shown(Deno.inspect(error))}` };
  const { message } = error, thrower = error.stack?.match(/\b(?:lib|scripts)\/[\w/.-]+:\d+/)?.[0] ?? "";
  const fault = (what: string): Fault => ({
    kind: `${what.replace(/\d+/g, "")} ${thrower}`,
    what: `${what}, thrown at ${thrower || "an unknown place"}: ${shown(message)}`,
  });
  if (error.constructor !== Error) return fault(`raw ${error.constructor.name}`);
  if (!names.some((name) => message.includes(name))) return fault("the file is not named");
  if (/\(os error \d+\)/.test(message)) return fault("raw error of the system");
  if (/[\n\r]/.test(message)) return fault("several lines");
  if (message.length > longestMessage) return fault(`a message of ${message.length} letters`);
  if (!/[.?]$/.test(message)) return fault("no sentence");
  return undefined;
}

function shown(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)} ...` : text;
}

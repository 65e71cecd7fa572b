/** Starts the commands of deno.json as a user does: in a folder, with the permissions of their tasks. */
import { filePath } from "../../lib/io/path.ts";

const root = new URL("../../", import.meta.url), decoder = new TextDecoder();

/** How a command is started. */
export interface StartOptions {
  /** The folder where the user stands. */
  cwd: string;
  env?: Record<string, string>;
  /** A command line that starts it, such as `["faketime", "-f", "-1y"]`. */
  through?: readonly string[];
  /** The program; that of this process by default. */
  deno?: string;
  /** The checkout; this one by default. */
  checkout?: URL;
}

/** How a command ended. */
export interface Ended {
  code: number;
  signal: Deno.Signal | null;
  out: string;
  err: string;
}

/** A command that runs. */
export interface Running {
  /** Kills it with SIGKILL, which no program can handle. */
  kill(): void;
  /** Its end. */
  ended: Promise<Ended>;
}

/** Starts a task of deno.json. */
export function startTask(
  task: string,
  args: readonly string[],
  { cwd, env = {}, through = [], deno = Deno.execPath(), checkout = root }: StartOptions,
): Running {
  const folder = filePath(checkout), { tasks } = JSON.parse(Deno.readTextFileSync(`${folder}deno.json`));
  const words: string[] = tasks[task].command.split(" ").slice(2);
  // Folders in the flags are the checkout's, where `deno task` runs a command.
  const permissions = words.slice(0, -1).map((flag) =>
    flag.startsWith("--allow-ffi=") ? flag.replaceAll(/(?<=[=,])(?=[^,])/g, folder) : flag
  );
  const line = [
    ...[...through, deno, "run", "--cached-only", "--no-prompt", "--no-check", "--config", `${folder}deno.json`],
    ...[...permissions, `${folder}${words.at(-1)}`, ...args],
  ];
  const child = new Deno.Command(line[0], {
    args: line.slice(1),
    cwd,
    env: { NO_COLOR: "1", INIT_CWD: cwd, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = child.output().then(({ code, signal, stdout, stderr }) => {
    return { code, signal, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  });
  return {
    kill() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
    },
    ended,
  };
}

/** Runs a task to its end. */
export async function runTask(task: string, args: readonly string[], options: StartOptions): Promise<Ended> {
  return await startTask(task, args, options).ended;
}

/** Returns what is wrong with how a command refused: it has to end with code 1 and one sentence, or a list of them. */
export function refusalFault({ code, signal, err }: Ended): string | undefined {
  const lines = err.split(/[\n\r]/).filter((line) => line.trim() !== "" && !/ \.\.\.$| \[[#.]+\] /.test(line));
  const sentences = lines.filter((line) => !/^ {2}- |^Warning |^WARNING/.test(line));
  const shown = lines.slice(-4).join(" | ").slice(0, 500);
  if (signal !== null || code !== 1) return `ended with ${signal ?? `code ${code}`}: ${shown}`;
  if (/\bUncaught\b|^ {4}at /m.test(err)) return `a raw error: ${shown}`;
  if (sentences.length !== 1) {
    return `${sentences.length} lines for one sentence: ${sentences.join(" | ").slice(0, 800)}`;
  }
  return /[.?:]$/.test(sentences[0]) ? undefined : `no sentence: ${shown}`;
}

/** The sentence, for a reader. */
export function sentenceOf({ err }: Ended): string {
  return err.trimEnd().split("\n").at(-1) ?? "";
}

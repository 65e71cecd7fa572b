/** Runs a task's command as a user does: in a folder of its own, with the permissions that deno.json gives it. */
import { addonState } from "../../lib/backend/tensorflow.ts";

const root = new URL("../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
const decoder = new TextDecoder();

/** The fastest device of this machine. */
export const device = (await addonState()).ready ? "tensorflow" : "wasm";

/** How a command is run. */
export interface RunOptions {
  /** The folder where the user stands, and in which it runs. */
  cwd: string;
  env?: Record<string, string>;
  /** Further flags of `deno run`. */
  flags?: string[];
}

/** How a command ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
  /** Both streams. */
  text: string;
}

/** Starts a task of deno.json. */
export function startTask(task: string, args: string[], { cwd, env = {}, flags = [] }: RunOptions): Deno.ChildProcess {
  const words: string[] = tasks[task].command.split(" ").slice(2);
  // Folders in the flags are the checkout's, where `deno task` runs a command.
  const permissions = words.slice(0, -1).map((flag) =>
    flag.startsWith("--allow-ffi=") ? flag.replaceAll(/(?<=[=,])(?=[^,])/g, root.pathname) : flag
  );
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--config", new URL("deno.json", root).pathname],
      ...[...permissions, ...flags, new URL(words.at(-1)!, root).pathname, ...args],
    ],
    cwd,
    env: { NO_COLOR: "1", INIT_CWD: cwd, ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a task of deno.json to its end. */
export async function runTask(task: string, args: string[], options: RunOptions): Promise<Ended> {
  const { code, stdout, stderr } = await startTask(task, args, options).output();
  const [out, err] = [decoder.decode(stdout), decoder.decode(stderr)];
  return { code, out, err, text: out + err };
}

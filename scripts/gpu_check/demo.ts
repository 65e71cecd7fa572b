/** The demo on a device, as a user runs it: with the permissions of its task. */
import type { DemoResult } from "./result.ts";

/** Where and how. */
export interface DemoOptions {
  device: "tensorflow" | "webgpu";
  /** Folder of its files. */
  out: string;
  env: Record<string, string>;
  signal: AbortSignal;
}

/** What is read of the demo's result. */
interface DemoRecord {
  seconds: { training: number; total: number };
  rows: { name: string; main: { macro: Record<string, number> } }[];
}

/** Runs it. @throws {Error} if it fails, with its last words */
export async function runDemo({ device, out, env, signal }: DemoOptions): Promise<DemoResult> {
  const root = new URL("../../", import.meta.url);
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const flags: string[] = tasks.demo.command.split(" ").slice(2, -1);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, "cli/demo.ts", "--device", device, "--out", out],
    cwd: root.pathname,
    env: { ...env, INIT_CWD: Deno.cwd() },
    signal,
    stdout: "null",
  }).output();
  signal.throwIfAborted();
  if (!success) {
    const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new Error(`Running the demo failed: ${words}`);
  }
  const { seconds, rows }: DemoRecord = JSON.parse(await Deno.readTextFile(`${out}/result.json`));
  const macro = (name: string) => rows.find((row) => row.name === name)!.main.macro["R@1"];
  return { seconds, before: macro("phi + text"), after: macro("phi + text after RTD") };
}

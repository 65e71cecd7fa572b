/** Starts the page as a user does, and waits until all of it can be used. */
import { filePath } from "../../lib/io/path.ts";

/** A page that runs in a process of its own. */
export interface RunningPage {
  /** Host and port, as a Host header has them. */
  host: string;
  port: number;
  /** Key of the collection. */
  key: string;
  /** Bytes of main memory that its process holds. */
  memory(): number;
  /** Ends it with Ctrl-C. @returns its exit code */
  end(): Promise<number>;
}

/** Seconds until the page must be complete. */
const patience = 300;

/** Starts `deno task serve` with the permissions of its task. @throws {Error} with its output, if it ends before */
export async function startPage({ cwd, args }: { cwd: string; args: readonly string[] }): Promise<RunningPage> {
  const checkout = filePath(new URL("../../", import.meta.url));
  const { tasks } = JSON.parse(await Deno.readTextFile(`${checkout}deno.json`));
  const words: string[] = tasks.serve.command.split(" ").slice(2);
  const flags = words.slice(0, -1).map((flag) =>
    flag.startsWith("--allow-ffi=") ? flag.replaceAll(/(?<=[=,])(?=[^,])/g, checkout) : flag
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--cached-only", "--no-prompt", "--no-check", "--config", `${checkout}deno.json`, ...flags],
      ...[`${checkout}${words.at(-1)}`, ...args],
    ],
    cwd,
    env: { NO_COLOR: "1", INIT_CWD: cwd },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/http:\/\/([\d.]+:(\d+))\//.test(said)) {
    const { done, value } = await output.read();
    if (done) throw new Error(`Starting the page failed: ${said.trim()}`);
    said += value;
  }
  // What it says later is not needed, but has to go somewhere.
  const drained = (async () => {
    while (!(await output.read()).done);
  })();
  const [, host, port] = said.match(/http:\/\/([\d.]+:(\d+))\//)!;
  const page = {
    host,
    port: Number(port),
    memory: () => residentBytes(child.pid),
    async end() {
      child.kill("SIGINT");
      await drained;
      return (await child.status).code;
    },
  };
  for (const began = performance.now(); performance.now() - began < 1000 * patience;) {
    const { collection, fineTuned } = await (await fetch(`http://${host}/api/state`)).json();
    if (collection && fineTuned !== "in training") return { ...page, key: collection.key };
    await new Promise((go) => setTimeout(go, 500));
  }
  await page.end();
  throw new Error(`Starting the page failed: it was not complete after ${patience} s.`);
}

/** The memory of a process, as Linux tells it to those who may read everything. */
function residentBytes(pid: number): number {
  return 1024 * Number(Deno.readTextFileSync(`/proc/${pid}/status`).match(/VmRSS:\s*(\d+)/)![1]);
}

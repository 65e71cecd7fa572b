/** A server of Milvus Lite for tests, where `deno task reference` has installed it. */

const command = new URL("../../.venv/milvus/bin/milvus-lite", import.meta.url).pathname;

/** Why there is no server; undefined if there is one. */
export const noMilvus: string | undefined = await Deno.stat(command).then(
  () => undefined,
  () => 'Milvus Lite is not installed; run "deno task reference"',
);

/** A running server. */
export interface MilvusServer extends AsyncDisposable {
  /** Its port on 127.0.0.1. */
  port: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** Returns a port that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a server and waits until it answers. @param folder where it keeps its data */
export async function startMilvus(folder: string, port = freePort()): Promise<MilvusServer> {
  const child = new Deno.Command(command, {
    args: ["server", "--data-dir", folder, "--port", String(port), "--host", "127.0.0.1"],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let running = true;
  child.status.then(() => running = false);
  while (true) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      if (!running) throw new Error(`milvus-lite on port ${port} ended before it answered`);
      await new Promise((go) => setTimeout(go, 50));
    }
  }
  const kill = async () => {
    if (running) child.kill("SIGKILL");
    await child.status;
  };
  return { port, kill, [Symbol.asyncDispose]: kill };
}

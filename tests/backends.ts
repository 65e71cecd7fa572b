/**
 * Runs a test on every backend that this machine has; one that is absent is a visible skip with its reason.
 *
 * TensorFlow and a software Vulkan driver each carry an LLVM, and crash in one process: WebGPU has a pass of its own,
 * which `scripts/test.ts` starts with `RTD_TEST_PASS=webgpu`.
 */
import { useDevice } from "../lib/backend/device.ts";
import { addonState } from "../lib/backend/tensorflow.ts";

/** A backend under test. */
export type BackendName = "wasm" | "tensorflow" | "webgpu";

async function whyAbsent(backend: BackendName): Promise<string | undefined> {
  if (backend === "tensorflow") {
    const addon = await addonState();
    return addon.ready ? undefined : `${addon.why}; run "deno task setup"`;
  }
  if (backend === "webgpu") {
    return await navigator.gpu?.requestAdapter() ? undefined : "no WebGPU adapter; install a Vulkan driver";
  }
  return undefined;
}

const all: BackendName[] = Deno.env.get("RTD_TEST_PASS") === "webgpu" ? ["webgpu"] : ["wasm", "tensorflow"];
const absent = new Map(await Promise.all(all.map(async (name) => [name, await whyAbsent(name)] as const)));

/** Registers one test a backend. */
export function eachBackend(
  title: string,
  test: (backend: BackendName) => Promise<void>,
  but: readonly BackendName[] = [],
): void {
  for (const backend of all.filter((name) => !but.includes(name))) {
    const why = absent.get(backend);
    Deno.test({
      name: `${title} [${backend}]${why ? ` (skipped: ${why})` : ""}`,
      ignore: why !== undefined,
      // The backends hold files and timers for the life of the process.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await useDevice(backend);
        await test(backend);
      },
    });
  }
}

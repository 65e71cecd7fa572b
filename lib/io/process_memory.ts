/** The memory of this process and of the machine. */

/** Returns the bytes of main memory that this process holds now. */
export function memoryNow(): number {
  return Deno.memoryUsage().rss;
}

/**
 * Returns the memory that processes could still take without swapping, bytes; undefined where asking is not permitted
 * (`--allow-sys=systemMemoryInfo`). A limit of a container is not seen.
 */
export function availableMemory(): number | undefined {
  if (Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" }).state !== "granted") return undefined;
  return Deno.systemMemoryInfo().available;
}

/** The largest resident size of this process so far, bytes: on Linux exactly, elsewhere that of this moment. */
export async function peakResident(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
  const kilobytes = status.match(/VmHWM:\s+(\d+) kB/)?.[1];
  return kilobytes === undefined ? Deno.memoryUsage().rss : 1024 * Number(kilobytes);
}

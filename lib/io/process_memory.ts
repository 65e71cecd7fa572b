/** The memory of this process. */
import process from "node:process";

/** Returns the bytes of main memory that this process holds now. */
export function memoryNow(): number {
  return Deno.memoryUsage().rss;
}

/** Returns the largest number of bytes of main memory that this process has held. */
export function peakMemory(): number {
  return 1024 * process.resourceUsage().maxRSS;
}

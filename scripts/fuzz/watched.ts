/** Runs a parser's campaign in a thread and ends it where an input takes forever. */
import type { FuzzReport } from "./campaign.ts";
import type { FuzzOrder } from "./worker.ts";

/** Milliseconds after which an input that is still being read counts as one that never ends. */
const foreverMs = 20_000;

/** Milliseconds between two looks at the thread. */
const lookMs = 100;

/**
 * Fuzzes a parser in a thread.
 *
 * @param onLook called from time to time with the number of the current input
 * @returns the report; an input that never ends is its last finding
 */
export async function fuzzWatched(
  order: Omit<FuzzOrder, "at">,
  onLook: (number: number) => void,
): Promise<FuzzReport> {
  const at = new SharedArrayBuffer(4), current = new Int32Array(at).fill(-1);
  const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
  let watch: ReturnType<typeof setInterval> | undefined;
  try {
    return await new Promise<FuzzReport>((resolve, reject) => {
      let last = -1, since = performance.now();
      watch = setInterval(() => {
        const number = Atomics.load(current, 0);
        try {
          onLook(number);
        } catch (error) {
          return reject(error);
        }
        if (number !== last) [last, since] = [number, performance.now()];
        else if (number >= 0 && performance.now() - since > foreverMs) resolve(neverEnded(order, number));
      }, lookMs);
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Fuzzing ${order.parser} failed at input ${Atomics.load(current, 0)}: ${event.message}`));
      };
      worker.postMessage({ ...order, at });
    });
  } finally {
    clearInterval(watch);
    worker.terminate();
  }
}

function neverEnded({ parser, from }: Omit<FuzzOrder, "at">, number: number): FuzzReport {
  const what = `took longer than ${foreverMs / 1000} s and was ended`;
  return {
    parser,
    inputs: number - from + 1,
    read: 0,
    refused: 0,
    findings: [{ parser, number, file: "", what }],
    broken: 1,
    seconds: foreverMs / 1000,
    peakMemory: 0,
  };
}

/** Work that is done a little at a time while a bounded number of requests waits. */
import { Refusal } from "./refusal.ts";

/** A queue of work. */
export interface WorkQueue {
  /**
   * Does `work` when its turn comes.
   *
   * @param signal aborted when nobody waits for the result any more: work that has not begun is then left out
   * @throws {Refusal} with status 503 if too much is waiting already; the signal's reason; whatever `work` throws
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Whether nothing runs or waits. */
  idle(): boolean;
}

/** Makes a queue. @param atOnce works that run at once @param mostWaiting works that may wait */
export function workQueue({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work, signal) {
      if (running >= atOnce && waiting.length >= mostWaiting) {
        throw new Refusal(503, "The page is busy: too many requests are waiting; try again in a few seconds.");
      }
      if (running < atOnce) running++;
      else await new Promise<void>((begin) => waiting.push(begin)); // the one before hands its place over
      try {
        signal?.throwIfAborted();
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
    idle: () => running === 0,
  };
}

/** Work on many items with a few of them under way at once. */

/**
 * Works on items in their order, `parallel` of them at once. After an error no further item is begun; those under way
 * are finished, then the error is thrown.
 *
 * @param items taken one by one as work on them begins, so that an iterator can end early
 * @throws {Error} the first error of `work`, or of the items
 */
export async function inParallel<T>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = Iterator.from(items);
  let stopped = false;
  const worker = async () => {
    try {
      for (let next = queue.next(); !next.done && !stopped; next = queue.next()) await work(next.value);
    } catch (error) {
      stopped = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: parallel }, worker));
  const broken = ends.find((end) => end.status === "rejected");
  if (broken) throw broken.reason;
}

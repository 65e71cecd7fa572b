/** How long work reports how far it is. */

/**
 * Called whenever a part of the work is finished.
 *
 * @param done parts that are finished
 * @param total parts in all
 * @param note what to show beside the numbers, such as a rate
 */
export type OnProgress = (done: number, total: number, note?: string) => void;

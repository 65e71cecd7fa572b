/** How many pixels are in memory at once while images are decoded side by side. */

/** A budget of pixels that images are decoded within. */
export interface PixelBudget {
  /**
   * Runs `work` once `pixels` are free, in the order of the calls; an image above the whole budget runs alone.
   *
   * @returns what `work` returns
   */
  spend<T>(pixels: number, work: () => Promise<T>): Promise<T>;
}

/** Makes a budget. @param most pixels that may be in use at the same time */
export function pixelBudget(most: number): PixelBudget {
  let used = 0;
  const waiting: { pixels: number; start: () => void }[] = [];
  const startNext = () => {
    while (waiting.length > 0 && (used === 0 || used + waiting[0].pixels <= most)) {
      const { pixels, start } = waiting.shift()!;
      used += pixels;
      start();
    }
  };
  return {
    async spend(pixels, work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ pixels, start: resolve });
      startNext();
      await promise;
      try {
        return await work();
      } finally {
        used -= pixels;
        startNext();
      }
    },
  };
}

/** One line that says how far a long piece of work is, and how long it will still take. */

const encoder = new TextEncoder();

/** A running display; call `done` when the work ends, however it ends. */
export interface Progress {
  /**
   * Shows that `at` of `total` is done, with a short note; nothing where the total rounds to 0.
   *
   * @param secondsLeft where the caller knows better than by the mean since the display was started
   */
  update(at: number, total: number, note?: string, secondsLeft?: number): void;
  /** Ends the display; what is printed next stands on a line of its own. */
  done(): void;
}

/**
 * Starts a display on the standard error stream: one line rewritten in place on a terminal, else a line every ten
 * seconds, so that logs stay short. The title is shown at once.
 *
 * @param title what is being done, such as "encoding images"
 */
export function progress(title: string): Progress {
  const terminal = Deno.stderr.isTerminal();
  const start = performance.now();
  let shown = -Infinity;
  const write = (text: string) => Deno.stderr.writeSync(encoder.encode(text));
  write(terminal ? `${title} ...` : `${title} ...\n`);
  return {
    update(at, total, note = "", secondsLeft) {
      if (total === 0) return;
      const now = performance.now();
      if (at < total && now - shown < (terminal ? 100 : 10_000)) return;
      shown = now;
      const elapsed = (now - start) / 1000;
      const left = secondsLeft ?? (at > 0 ? elapsed / at * (total - at) : NaN);
      const filled = Math.round(20 * at / total);
      const bar = "#".repeat(filled) + ".".repeat(20 - filled);
      const line = `${title} [${bar}] ${at}/${total}  ${clock(elapsed)} gone, ${clock(left)} left  ${note}`.trimEnd();
      write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    },
    done() {
      if (terminal) write("\n");
    },
  };
}

/** Writes seconds as "1:05"; "?" when they are not known. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Returns every twentieth loss with its step, and the first: what a log keeps. */
export function thinned(losses: readonly number[]): [number, number][] {
  return losses.map((loss, i): [number, number] => [i + 1, Number(loss.toFixed(5))])
    .filter(([step]) => step === 1 || step % 20 === 0);
}

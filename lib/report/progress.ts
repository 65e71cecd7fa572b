/** One line that says how far a long piece of work is, and how long it will still take. */

const encoder = new TextEncoder();

/** A running display; call `done` when the work ends, however it ends. */
export interface Progress {
  /** Shows that `at` of `total` is done, with a short note. */
  update(at: number, total: number, note?: string): void;
  done(): void;
}

/**
 * Starts a display on the standard error stream: one line rewritten in place on a terminal, else a line every ten
 * seconds, so that logs stay short.
 */
export function progress(title: string): Progress {
  const terminal = Deno.stderr.isTerminal();
  const start = performance.now();
  let shown = -Infinity;
  const write = (text: string) => Deno.stderr.writeSync(encoder.encode(text));
  return {
    update(at, total, note = "") {
      const now = performance.now();
      if (at < total && now - shown < (terminal ? 100 : 10_000)) return;
      shown = now;
      const elapsed = (now - start) / 1000;
      const left = at > 0 ? elapsed / at * (total - at) : NaN;
      const filled = Math.round(20 * at / total);
      const bar = "#".repeat(filled) + ".".repeat(20 - filled);
      const line = `${title} [${bar}] ${at}/${total}  ${clock(elapsed)} gone, ${clock(left)} left  ${note}`;
      write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    },
    done() {
      if (terminal) write("\n");
    },
  };
}

/** Seconds as "1:05"; "?" when not known. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Every twentieth loss with its step, and the first: what a log keeps. */
export function thinned(losses: readonly number[]): [number, number][] {
  return losses.map((loss, i): [number, number] => [i + 1, Number(loss.toFixed(5))])
    .filter(([step]) => step === 1 || step % 20 === 0);
}

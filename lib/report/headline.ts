/** The result with which a page begins. */
import type { Interval, PairedInterval } from "../evaluation/bootstrap.ts";
import { escapeHtml } from "./display.ts";

/** A figure with its interval, beside an earlier one where there is one. */
export interface Headline {
  /** Name of the metric, such as "macro R@1". */
  metric: string;
  /** The figure, percent. */
  value: number;
  /** Its 95 % interval; shown where there is no `gain`. */
  interval?: Interval;
  /** The figure of the system that it is compared with, percent. */
  before?: number;
  /** The paired difference of the two in percentage points, with its 95 % interval. */
  gain?: PairedInterval;
  /** What the figure is over; the end of a sentence, such as "over 4181 queries". */
  over: string;
  /** Decimals of all numbers; 1 by default. */
  decimals?: number;
}

/** Returns the headline as HTML: the figure in large type, then one sentence with its interval and what it is over. */
export function headlineHtml({ metric, value, interval, before, gain, over, decimals = 1 }: Headline): string {
  const written = (number: number) => number.toFixed(decimals);
  const range = ({ low, high }: Interval) => `[${written(low)}, ${written(high)}]`;
  const sentence = gain
    ? `Gain <b>${gain.difference < 0 ? "" : "+"}${written(gain.difference)} ${range(gain)}</b> points ` +
      `(95 % interval of the paired difference) ${escapeHtml(over)}.`
    : interval
    ? `95 % interval <b>${range(interval)}</b>, ${escapeHtml(over)}.`
    : `Percent, ${escapeHtml(over)}.`;
  const earlier = before === undefined ? "" : `<span class="before">${written(before)} -&gt;</span> `;
  return `<section class="headline" aria-label="Result">
<p class="metric">${escapeHtml(metric)}, percent</p>
<p class="value">${earlier}<strong>${written(value)}</strong></p>
<p>${sentence}</p>
</section>`;
}

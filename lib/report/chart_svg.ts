/** Draws a chart as a static SVG, for notebooks and pages in which the script of plotly does not run. */
import { escapeHtml } from "./display.ts";
import { type Chart, palette } from "./chart.ts";
import { wrapText } from "./wrap_text.ts";

const width = 720, height = 400;
/** Width of a letter under a bar, where there are many, pixels. */
const letter = 5.4;
const plot = { left: 64, right: 704, top: 44, bottom: 320 };

/**
 * Returns the SVG of a chart, 720 by 400 pixels. The y axis starts at zero, or below if a value is negative; that of points
 * on a plane where they do.
 */
export function chartSvg({ kind, title, xTitle, yTitle, series, joined }: Chart): string {
  const values = series.flatMap(({ y, spread }) => y.map((value, i) => value + (spread?.[i] ?? 0)));
  const ticks = kind === "scatter"
    ? axisTicks(Math.min(...values), Math.max(...values))
    : axisTicks(Math.min(0, ...values), Math.max(...values, 1e-9));
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const yOf = (value: number) => plot.bottom - (value - low) / (high - low) * (plot.bottom - plot.top);
  const parts: string[] = ticks.map((tick) =>
    `<line x1="${plot.left}" x2="${plot.right}" y1="${yOf(tick)}" y2="${yOf(tick)}" stroke="#ddd"/>` +
    label(plot.left - 6, yOf(tick) + 4, shortNumber(tick), "end", 11)
  );
  parts.push(...kind === "line" ? lines() : kind === "bar" ? bars() : points());
  const base = yOf(Math.max(low, Math.min(0, high)));
  parts.push(`<line x1="${plot.left}" x2="${plot.right}" y1="${base}" y2="${base}" stroke="#333"/>`);
  parts.push(
    label(width / 2, 24, title, "middle", Math.min(15, Math.floor(1050 / title.length)), "bold"),
    label(width / 2, plot.bottom + 44, xTitle, "middle", 12),
  );
  parts.push(
    `<g transform="translate(16 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${label(0, 0, yTitle, "middle", 12)}</g>`,
  );
  if (series.length > 1) parts.push(...legend());
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}">${parts.join("")}</svg>`;

  function lines(): string[] {
    const xs = series.flatMap(({ x }) => x as number[]);
    const [first, last] = [Math.min(...xs), Math.max(...xs)];
    const xOf = (x: number) => plot.left + (x - first) / Math.max(last - first, 1e-9) * (plot.right - plot.left);
    const marks = axisTicks(first, last).filter((tick) => tick >= first && tick <= last)
      .map((tick) => label(xOf(tick), plot.bottom + 18, shortNumber(tick), "middle", 11));
    return [
      ...marks,
      ...series.map(({ x, y, spread }, s) => {
        const color = palette[s % palette.length], at = x.map((one) => xOf(one as number).toFixed(1));
        const points = y.map((value, i) => `${at[i]},${yOf(value).toFixed(1)}`).join(" ");
        const dots = spread
          ? y.map((value, i) => `<circle cx="${at[i]}" cy="${yOf(value)}" r="3" fill="${color}"/>`)
          : [];
        return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="1.8"/>` + dots.join("") +
          y.map((value, i) => errorBar(Number(at[i]), value, spread?.[i])).join("");
      }),
    ];
  }

  function points(): string[] {
    const xs = series.flatMap(({ x }) => x as number[]), ticks = axisTicks(Math.min(...xs), Math.max(...xs));
    const [first, last] = [ticks[0], ticks[ticks.length - 1]];
    const xOf = (x: number) => plot.left + (x - first) / (last - first) * (plot.right - plot.left);
    const at = series.map(({ x, y }) => x.map((one, i) => [xOf(one as number).toFixed(1), yOf(y[i]).toFixed(1)]));
    const joins = joined
      ? at[0].map(([x, y], i) =>
        `<line x1="${x}" y1="${y}" x2="${at[1][i][0]}" y2="${at[1][i][1]}" stroke="#aaa" stroke-width="0.6"/>`
      )
      : [];
    return [
      ...ticks.map((tick) => label(xOf(tick), plot.bottom + 18, shortNumber(tick), "middle", 11)),
      ...joins,
      ...at.flatMap((points, s) =>
        points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="2.5" fill="${palette[s % palette.length]}"/>`)
      ),
    ];
  }

  function bars(): string[] {
    const names = series[0].x.map(String);
    const group = (plot.right - plot.left) / names.length, bar = group * 0.8 / series.length;
    return [
      ...names.flatMap((name, i) =>
        wrapText(name, Math.max(8, Math.floor(group / letter))).map((line, k) =>
          label(plot.left + group * (i + 0.5), plot.bottom + 13 + 10 * k, line, "middle", names.length > 8 ? 8.5 : 10)
        )
      ),
      ...series.flatMap(({ y, spread }, s) =>
        y.map((value, i) => {
          const x = plot.left + group * (i + 0.1) + bar * s;
          return `<rect x="${x}" width="${bar * 0.94}" y="${yOf(Math.max(value, 0))}" ` +
            `height="${Math.abs(yOf(value) - yOf(0))}" fill="${palette[s % palette.length]}"/>` +
            errorBar(x + bar / 2, value, spread?.[i]);
        })
      ),
    ];
  }

  function errorBar(x: number, value: number, error = 0): string {
    if (error === 0) return "";
    return `<line x1="${x}" x2="${x}" y1="${yOf(value - error)}" y2="${yOf(value + error)}" stroke="#222"/>`;
  }

  function legend(): string[] {
    let x = plot.left;
    return series.map(({ name }, s) => {
      const at = x;
      x += 34 + name.length * 7;
      return `<rect x="${at}" y="${height - 24}" width="12" height="12" fill="${palette[s % palette.length]}"/>` +
        label(at + 18, height - 14, name, "start", 12);
    });
  }
}

/** Returns four to ten round numbers that span a range. */
export function axisTicks(low: number, high: number): number[] {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Formats the number of a tick. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Makes a text of the figure. */
export function label(x: number, y: number, text: string, anchor: string, size: number, weight = "normal"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="DejaVu Sans" font-size="${size}" ` +
    `font-weight="${weight}" fill="#222">${escapeHtml(text)}</text>`;
}

/** Draws curves on a plane as a static SVG: points with error bars in both directions, some of them named. */
import { type Chart, palette, type Series } from "./chart.ts";
import { axisTicks, label, shortNumber } from "./chart_svg.ts";

const width = 720, plot = { left: 64, right: 704, top: 44, bottom: 420 };

/** Size and mean width of the letters of a point's name, and of the legend's, pixels. */
const small = { size: 9.5, letter: 5.4 }, legend = { size: 11, letter: 6.4, row: 18 };

/** A rectangle on the plane, pixels. */
interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Returns the SVG of a chart of the kind "curves", 720 pixels wide. Neither axis need begin at zero. */
export function curvesSvg({ title, xTitle, yTitle, series }: Chart): string {
  const xs = series.flatMap(({ x, xSpread }) => withSpread(x as number[], xSpread));
  const ys = series.flatMap(({ y, spread }) => withSpread(y, spread));
  const xTicks = axisTicks(Math.min(...xs), Math.max(...xs)), yTicks = axisTicks(Math.min(...ys), Math.max(...ys));
  const xOf = scale(xTicks, plot.left, plot.right), yOf = scale(yTicks, plot.bottom, plot.top);
  const legendRows = rowsOf(series.map(({ name }) => name)), bottom = plot.bottom + 62;
  const height = bottom + legend.row * legendRows.length;
  const parts = [
    ...xTicks.map((tick) =>
      `<line x1="${xOf(tick)}" x2="${xOf(tick)}" y1="${plot.top}" y2="${plot.bottom}" stroke="#eee"/>` +
      label(xOf(tick), plot.bottom + 18, shortNumber(tick), "middle", 11)
    ),
    ...yTicks.map((tick) =>
      `<line x1="${plot.left}" x2="${plot.right}" y1="${yOf(tick)}" y2="${yOf(tick)}" stroke="#ddd"/>` +
      label(plot.left - 6, yOf(tick) + 4, shortNumber(tick), "end", 11)
    ),
    label(width / 2, 24, title, "middle", Math.min(15, Math.floor(1050 / title.length)), "bold"),
    label(width / 2, plot.bottom + 40, xTitle, "middle", 12),
    `<g transform="translate(16 ${(plot.top + plot.bottom) / 2}) rotate(-90)">${label(0, 0, yTitle, "middle", 12)}</g>`,
  ];
  const taken: Box[] = [], named: { at: [number, number]; name: string }[] = [];
  series.forEach((one, s) => {
    const colour = curveColour(s), at = one.y.map((y, i): [number, number] => [xOf(one.x[i] as number), yOf(y)]);
    const path = at.map((point) => point.map((value) => value.toFixed(1)).join()).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.4"${dashed(s)}/>`);
    at.forEach(([x, y], i) => {
      parts.push(
        errorBar([x, yOf(one.y[i] - (one.spread?.[i] ?? 0))], [x, yOf(one.y[i] + (one.spread?.[i] ?? 0))], colour),
        errorBar(
          [xOf(one.x[i] as number - (one.xSpread?.[i] ?? 0)), y],
          [xOf(one.x[i] as number + (one.xSpread?.[i] ?? 0)), y],
          colour,
        ),
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour}"/>`,
      );
      taken.push({ left: x - 7, right: x + 7, top: y - 5, bottom: y + 5 });
      if (one.labels?.[i]) named.push({ at: [x, y], name: one.labels[i] });
    });
  });
  for (const { at, name } of named) parts.push(nameOf(at, name, taken));
  legendRows.forEach((row, r) =>
    row.forEach(({ at, index }) => {
      const y = bottom + legend.row * r - 4, colour = curveColour(index);
      parts.push(
        `<line x1="${at}" x2="${at + 18}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2"${dashed(index)}/>`,
        `<circle cx="${at + 9}" cy="${y}" r="3" fill="${colour}"/>`,
        label(at + 24, y + 4, series[index].name, "start", legend.size),
      );
    })
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}">${parts.join("")}</svg>`;
}

/** The colour of a curve; those beyond the palette are dashed. */
export function curveColour(index: number): string {
  return palette[index % palette.length];
}

function dashed(index: number): string {
  return index >= palette.length ? ' stroke-dasharray="5 3"' : "";
}

function withSpread(values: readonly number[], spread: Series["spread"]): number[] {
  return values.flatMap((value, i) => [value - (spread?.[i] ?? 0), value + (spread?.[i] ?? 0)]);
}

function scale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const first = ticks[0], last = ticks[ticks.length - 1];
  return (value) => from + (value - first) / (last - first) * (to - from);
}

function errorBar([x1, y1]: [number, number], [x2, y2]: [number, number], colour: string): string {
  if (x1 === x2 && y1 === y2) return "";
  const [a, b, c, d] = [x1, x2, y1, y2].map((value) => value.toFixed(1));
  return `<line x1="${a}" x2="${b}" y1="${c}" y2="${d}" stroke="${colour}" stroke-width="0.8" opacity="0.6"/>`;
}

/** Writes a name near its point where it hides least of what is there already, with a thin line from the point to it. */
function nameOf([x, y]: [number, number], name: string, taken: Box[]): string {
  const length = small.letter * name.length;
  const places = [0, 14, 28, 42, 60, 80, 110].flatMap((far) =>
    [0, 16, 40, 80].flatMap((aside) =>
      [9 + aside, -9 - aside - length].flatMap((dx) =>
        (far === 0 ? [0] : [-far, far]).map((dy): { box: Box; distance: number } => ({
          box: { left: x + dx, right: x + dx + length, top: y + dy - 6, bottom: y + dy + 6 },
          // The right side is a little nearer to a reader.
          distance: Math.hypot(dy, aside) + (dx < 0 ? 6 : 0),
        }))
      )
    )
  );
  const inside = places.filter(({ box: { left, right, top, bottom } }) =>
    left >= plot.left && right <= plot.right && top >= plot.top && bottom <= plot.bottom
  );
  const cost = ({ box, distance }: typeof places[number]) =>
    distance + taken.reduce((sum, one) => sum + 4 * overlap(box, one), 0);
  const { box } = (inside.length > 0 ? inside : places).reduce((a, b) => cost(b) < cost(a) ? b : a);
  taken.push(box);
  const middle = (box.top + box.bottom) / 2, near = Math.min(Math.max(x, box.left - 2), box.right + 2);
  const line = `<line x1="${x.toFixed(1)}" y1="${y.toFixed(1)}" x2="${near.toFixed(1)}" y2="${middle.toFixed(1)}" ` +
    'stroke="#888" stroke-width="0.6"/>';
  return line + label(box.left, middle + 3.5, name, "start", small.size);
}

function overlap(a: Box, b: Box): number {
  return Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
    Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
}

/** Breaks the legend into rows. @returns where each name begins, and its index */
function rowsOf(names: readonly string[]): { at: number; index: number }[][] {
  const rows: { at: number; index: number }[][] = [];
  let end = Infinity;
  names.forEach((name, index) => {
    const own = 44 + legend.letter * name.length;
    if (end + own > plot.right) {
      rows.push([]);
      end = plot.left;
    }
    rows[rows.length - 1].push({ at: end, index });
    end += own;
  });
  return rows;
}

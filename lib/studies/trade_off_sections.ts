/** The figure and the table of composed against plain retrieval. */
import { figure } from "../report/figure.ts";
import { interval, spread } from "../report/intervals.ts";
import { type Cell, type Table, table } from "../report/table.ts";
import { gainOver } from "./gain.ts";
import { paretoFrontier } from "./pareto.ts";
import { frozenName, type StudySection } from "./study.ts";
import { rowName, scoresOf, type StudyRow, type StudyRows } from "./study_rows.ts";
import { meanAndSpread, plainOf } from "./sweep.ts";

/** Variants of one kind, which make one line of the figure. */
export interface Family {
  /** Its name in the legend. */
  name: string;
  /** Returns where a row stands on the line; undefined if it is none of the family's. */
  order(row: StudyRow): number | undefined;
}

/** What the sections need beside the rows. */
export interface TradeOffOptions {
  /** The lines. */
  families: readonly Family[];
  /** Name of the variant whose composed retrieval is to be kept. */
  published: string;
  /** Percent of the frozen encoder's plain retrieval that is to be kept. */
  kept: number;
}

/** A row with its two figures. */
interface Point {
  row: StudyRow;
  /** Plain retrieval of each run, percent. */
  plain: number[];
  /** Composed retrieval of each run, percent. */
  composed: number[];
  /** Mean of `plain`. */
  x: number;
  /** Mean of `composed`. */
  y: number;
}

/** Makes a figure and a table for each CLIP and phi; none where the testbed does not measure plain retrieval. */
export function tradeOffSections(result: StudyRows, options: TradeOffOptions): StudySection[] {
  const { testbed: { plain, keptCaptions }, rows } = result;
  if (!plain) return [];
  const settings = Map.groupBy(rows.filter(({ phi }) => phi !== undefined), ({ clip, phi }) => `${clip}, ${phi}`);
  return [...settings].flatMap(([name, own]) => {
    const points = pointsOf(result, own), of = settings.size > 1 ? `, ${name}` : "";
    const frozen = points.find(({ row }) => row.variant === frozenName);
    const published = points.find(({ row }) => row.variant === options.published && row.last);
    if (!frozen || !published) return [];
    const frontier = new Set(paretoFrontier(points).map((at) => points[at]));
    return [
      {
        title: `The trade-off${of}`,
        note:
          "Up and to the right is better. Points are means over seeds, bars their standard deviations; named are the " +
          "frozen encoder, the published recipe and the points that no other one beats in both.",
        shows: tradeOffFigure(result, points, { ...options, named: new Set([frozen, published, ...frontier]) }),
      },
      {
        title: `What is kept, and for what${of}`,
        note: goalNote(points, { ...options, frozen, publishedPoint: published, plain: plain.headline }) +
          (keptCaptions?.beside ? ` "Other captions" are ${keptCaptions.beside.about}.` : "") +
          (keptCaptions?.all ? ` "All captions" are ${keptCaptions.all.about}.` : ""),
        shows: tradeOffTable(result, points, { frozen, published, frontier }),
      },
    ];
  });
}

function pointsOf({ testbed: { benchmarks: [main], plain } }: StudyRows, rows: readonly StudyRow[]): Point[] {
  return rows.flatMap((row): Point[] => {
    const composed = scoresOf(row, main.name).map(({ headline }) => headline), own = plainOf(row, plain!.headline);
    if (composed.length === 0 || own.length === 0) return [];
    return [{ row, plain: own, composed, x: meanAndSpread(own).mean, y: meanAndSpread(composed).mean }];
  });
}

function tradeOffFigure(
  { testbed: { benchmarks: [main], plain } }: StudyRows,
  points: readonly Point[],
  { families, named }: TradeOffOptions & { named: ReadonlySet<Point> },
) {
  const lines = families.map(({ name, order }) => ({
    name,
    own: points.flatMap((point) => {
      const at = order(point.row);
      return at === undefined ? [] : [{ point, at }];
    }).sort((a, b) => a.at - b.at).map(({ point }) => point),
  })).filter(({ own }) => own.length > 0);
  // A point of several lines is named once.
  const shown = new Set<Point>();
  return figure({
    kind: "curves",
    title: "Composed against plain retrieval",
    xTitle: `${plain!.headline}, percent`,
    yTitle: `${main.name}, ${main.headline}, percent`,
    series: lines.map(({ name, own }) => ({
      name,
      x: own.map(({ x }) => x),
      y: own.map(({ y }) => y),
      xSpread: own.map(({ plain }) => meanAndSpread(plain).spread),
      spread: own.map(({ composed }) => meanAndSpread(composed).spread),
      labels: own.map((point) => {
        if (!named.has(point) || shown.has(point)) return "";
        shown.add(point);
        return rowName(point.row);
      }),
    })),
  });
}

/** Says which rows reach the goal. */
function goalNote(
  points: readonly Point[],
  { frozen, publishedPoint, kept, published, plain }: TradeOffOptions & {
    frozen: Point;
    publishedPoint: Point;
    plain: string;
  },
): string {
  const keeping = points.filter(({ x, row }) => row.variant !== frozenName && 100 * x >= kept * frozen.x);
  const reaching = keeping.filter(({ y }) => y >= publishedPoint.y).sort((a, b) => b.y - a.y);
  const named = (point: Point) => `${rowName(point.row)} (${point.y.toFixed(1)}, ${share(point.x, frozen)} %)`;
  const best = keeping.toSorted((a, b) => b.y - a.y)[0];
  const goal =
    `at least ${published}'s composed retrieval (${publishedPoint.y.toFixed(1)}) with at least ${kept} % of ` +
    `the frozen encoder's ${plain} (${frozen.x.toFixed(1)})`;
  const found = reaching.length > 0
    ? `reached by ${reaching.map(named).join("; ")}`
    : `no row reaches it${best ? `; nearest of those that keep so much: ${named(best)}` : ""}`;
  return `The goal, by the means: ${goal}: ${found}. Which of them to use is chosen on validation queries, not on those of ` +
    "a test. An interval of the gain that holds 0 is no finding. Averages and early steps come from one training; its " +
    "seconds are those up to the step, on the machine at the time.";
}

function tradeOffTable(
  { testbed: { benchmarks: [main], plain } }: StudyRows,
  points: readonly Point[],
  { frozen, published, frontier }: { frozen: Point; published: Point; frontier: ReadonlySet<Point> },
): Table {
  const lines = points.map((point): Cell[] => {
    const { row } = point, gain = row === published.row ? undefined : gainOver(published.row, row, main);
    return [
      rowName(row),
      spread(point.composed),
      spread(point.plain),
      share(point.x, frozen),
      gain && interval(gain),
      row.step === 0
        ? undefined
        : spread(row.finished.map(({ seconds, steps }) => seconds.training * row.step / steps)),
      frontier.has(point) ? "yes" : undefined,
    ];
  });
  return table([
    "variant",
    `${main.name}, ${main.headline}`,
    plain!.headline,
    "% of frozen kept",
    `gain over ${published.row.variant}, paired 95 %`,
    "seconds of training",
    "on the frontier",
  ], lines);
}

/** What a figure is of the frozen encoder's, percent. */
function share(value: number, frozen: Point): string {
  return (100 * value / frozen.x).toFixed(1);
}

/** The page of a training: its result, curves, and validation queries before and after. */
import type { Validation } from "../evaluation/validated_training.ts";
import { escapeHtml } from "./display.ts";
import { type Figure, figure } from "./figure.ts";
import { headlineHtml } from "./headline.ts";
import type { MetricsLine } from "./metrics_log.ts";
import { page, scrollingTable } from "./page.ts";
import { pageFigures } from "./page_figures.ts";
import { table } from "./table.ts";

/** What the page shows. */
export interface TrainingPage {
  /** The log of the run. */
  lines: readonly MetricsLine[];
  /** The loss of every step. */
  losses: readonly number[];
  /** The validations; empty without a benchmark. */
  validations: readonly Validation[];
  /** What was validated on, and what qualifies its figures; absent without a benchmark. */
  validated?: {
    /** The benchmark, its split, and marks such as "CAPTIONS". */
    name: string;
    /** Number of queries. */
    queries: number;
    /** Sentences that qualify the figures. */
    stamps: readonly string[];
    /** The figure of the best encoder. */
    bestBy: string;
    /** The best validation. */
    best?: Validation;
    /** Queries before and after, as HTML; or why there are none. */
    cards: { html: string } | { why: string };
  };
  /** What decided the run: names and values. */
  facts: readonly (readonly [name: string, value: string])[];
}

/** Makes the page as one HTML text. */
export async function trainingPage({ lines, losses, validations, validated, facts }: TrainingPage): Promise<string> {
  const drawn = await pageFigures(curves(lines, losses, validations, validated?.bestBy));
  const body = [
    ...(validated ? result(validations, validated) : [`<p>${finalLoss(losses)}</p>`]),
    drawn.body,
    ...(validated ? queries(validated) : []),
    "<h2>How it was made</h2>",
    `<dl>${facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("\n")}</dl>`,
    drawn.script,
  ];
  return page({ title: "RTD: training of a text encoder", head: drawn.head, body: body.join("\n") });
}

function finalLoss(losses: readonly number[]): string {
  return `${losses.length} steps; loss ${losses[0].toFixed(3)} at the first, ${losses.at(-1)!.toFixed(3)} at the last.`;
}

function result(
  validations: readonly Validation[],
  { name, queries, stamps, bestBy, best }: NonNullable<TrainingPage["validated"]>,
): string[] {
  const [frozen] = validations, last = validations[validations.length - 1], chosen = best ?? last;
  const metrics = Object.keys(frozen.metrics).sort((a, b) => Number(b === bestBy) - Number(a === bestBy));
  // As in every table of results: what counts first, then what it is compared with.
  const columns = [chosen, ...validations.filter((one) => one !== chosen)];
  const rows = metrics.map((metric) => [metric, ...columns.map((one) => one.metrics[metric].toFixed(2))]);
  const titles = columns.map((one) => one.step === 0 ? "frozen" : `step ${one.step}${one === chosen ? ", best" : ""}`);
  return [
    headlineHtml({
      metric: `${name}, ${bestBy}, best of ${validations.length - 1} validations`,
      value: chosen.metrics[bestBy],
      before: frozen.metrics[bestBy],
      over:
        `over ${queries} queries: the frozen text encoder, and the fine-tuned one after step ${chosen.step}. The best ` +
        "is chosen by this very figure, which flatters it: report a split that was not validated on",
      decimals: 2,
    }),
    ...stamps.map((stamp) => `<p class="stamp" role="note">${escapeHtml(stamp)}</p>`),
    "<h2>All validations, percent</h2>",
    scrollingTable(table(["figure", ...titles], rows), "All validations"),
  ];
}

function queries({ cards }: NonNullable<TrainingPage["validated"]>): string[] {
  const title = "<h2>Some validation queries with their best five</h2>";
  if ("why" in cards) return [title, `<p class="note">${escapeHtml(cards.why)}</p>`];
  return [
    title,
    '<p class="note">At even distances over the queries, not chosen by their result: "before" is the frozen text ' +
    'encoder, "after" the best one. A green frame with a tick marks a correct image; the rank is that of the first ' +
    "correct one.</p>",
    cards.html,
  ];
}

/** Most points of a curve; a page of millions of numbers would not open. */
const points = 1000;

function curves(
  lines: readonly MetricsLine[],
  losses: readonly number[],
  validations: readonly Validation[],
  bestBy: string | undefined,
): Figure[] {
  const every = Math.ceil(losses.length / points), xTitle = "step";
  const means = Array.from({ length: Math.ceil(losses.length / every) }, (_, i) => {
    const part = losses.slice(i * every, (i + 1) * every);
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
  const steps = lines.filter(({ step, loss }) => loss !== undefined && step % every === 0);
  const line = (title: string, yTitle: string, key: "gradientNorm" | "tripletsPerSecond" | "memory", unit = 1) => {
    const found = steps.flatMap(({ step, [key]: value }) => value === undefined ? [] : [{ step, value }]);
    if (found.length === 0) return [];
    return [figure({
      ...{ kind: "line", title, xTitle, yTitle },
      series: [{ name: yTitle, x: found.map(({ step }) => step), y: found.map(({ value }) => value / unit) }],
    })];
  };
  return [
    ...(bestBy === undefined ? [] : [figure({
      ...{ kind: "line", title: `Validation: ${bestBy}`, xTitle, yTitle: `${bestBy}, percent` },
      series: [{
        name: bestBy,
        x: validations.map(({ step }) => step),
        y: validations.map(({ metrics }) => metrics[bestBy]),
      }],
    })]),
    figure({
      ...{ kind: "line", title: every === 1 ? "Loss" : `Loss, means of ${every} steps`, xTitle, yTitle: "loss" },
      series: [{ name: "loss", x: means.map((_, i) => Math.min(losses.length, (i + 1) * every)), y: means }],
    }),
    ...line("Norm of the gradients", "norm", "gradientNorm"),
    ...line("Speed", "triplets a second", "tripletsPerSecond"),
    ...line("Memory of the process", "GB", "memory", 1e9),
  ];
}

/**
 * Results of several evaluations and studies as one table. Figures stand in one column only where everything agrees that makes them
 * comparable: benchmark, split, queries, their wording, galleries, mode, limit and what is missing. How the models were
 * used (padding, centre crop, half precision, prompt) is no other protocol, and stands in the name of the row.
 */
import { isObject } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { readText } from "../io/read_file.ts";
import { shown } from "../io/shown.ts";
import { type Cell, type Table, table } from "./table.ts";

/** One figure of one row of a result. */
export interface ResultFigure {
  /** Folder of the result, as it was named. */
  run: string;
  /** Name of the row, with the choices that are not the defaults. */
  row: string;
  /** What decides whether the figure can stand beside another one. */
  protocol: string;
  /** Name of the part of a benchmark, or "mean" of its parts. */
  part: string;
  /** Name of the figure. */
  metric: string;
  /** Percent. */
  value: number;
}

/** Several results side by side. */
export interface ResultsTable {
  /** One line a row of a result, one column a figure of one protocol. */
  table: Table;
  /** The protocols by the numbers that the columns carry. */
  protocols: string[];
}

/**
 * Reads the figures of an evaluation from its `result.json`.
 *
 * @param folder with a `result.json` of `deno task evaluate`
 * @throws {Error} if there is none, or it is no result of an evaluation
 */
export async function readFigures(folder: Path, run: string): Promise<ResultFigure[]> {
  const file = inFolder(folder, "result.json"), json = await readJson(file);
  if (!isEvaluationRecord(json)) {
    throw new Error(
      `Reading ${file} failed: it is no result of an evaluation; name a folder that evaluate has written.`,
    );
  }
  const protocol = protocolOf(json);
  return json.rows.flatMap((row): ResultFigure[] => {
    if (!isObject(row) || typeof row.name !== "string" || !isObject(row.parts)) {
      throw new Error(`Reading ${file} failed: ${shown(row)} is no row with parts; evaluate again.`);
    }
    const name = [row.name, ...choicesOf(json, row.name)].join("; ");
    return partFigures({ run, row: name, protocol }, row);
  });
}

/** Lists the figures of parts, as `{ parts: { PART: { metrics } }, mean }` holds them. */
export function partFigures(
  of: Pick<ResultFigure, "run" | "row" | "protocol">,
  { parts, mean }: Record<string, unknown>,
): ResultFigure[] {
  const figures = (part: string, metrics: unknown): ResultFigure[] =>
    Object.entries(isObject(metrics) ? metrics : {}).filter(([, value]) => typeof value === "number")
      .map(([metric, value]) => ({ ...of, part, metric, value: value as number }));
  const own = Object.entries(isObject(parts) ? parts : {});
  return [...own.flatMap(([part, one]) => figures(part, isObject(one) ? one.metrics : {})), ...figures("mean", mean)];
}

/** Returns which task wrote the `result.json` of a folder; undefined if it does not say. */
export async function taskOf(folder: Path): Promise<string | undefined> {
  const json = await readJson(inFolder(folder, "result.json"));
  return isObject(json) && typeof json.task === "string" ? json.task : undefined;
}

/** Reads JSON; undefined if the file holds none. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText("a result", file);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEvaluationRecord(json: unknown): json is Record<string, unknown> & { rows: unknown[] } {
  return isObject(json) && json.task === "evaluate" && Array.isArray(json.rows) && isObject(json.counts);
}

/** Says in words what decides whether figures are comparable. @param json what `protocolRecord` has made */
export function protocolOf(json: Record<string, unknown>): string {
  const { checked, ...parts } = json.counts as Record<string, unknown>;
  const sizes = Object.entries(parts).map(([part, size]) =>
    isObject(size) ? `${part}: ${size.queries} queries, ${size.gallery} images` : part
  );
  return [
    `${json.benchmark} ${json.split}`,
    ...sizes,
    // Absent in results of earlier versions, which knew the paper's alone.
    ...(json.wording === undefined || json.wording === "paper" ? [] : [`worded as ${json.wording}`]),
    String(json.mode),
    `counts ${checked}`,
    ...(json.limit === undefined ? [] : [`LIMITED to ${json.limit} queries of each part`]),
    ...(json.missing === undefined ? [] : [`INCOMPLETE: ${JSON.stringify(json.missing)}`]),
    `annotations ${String(json.annotations).slice(0, 8)}`,
    ...(json.captions === undefined ? [] : [`captions ${String(json.captions).slice(0, 8)}`]),
  ].join("; ");
}

/**
 * Names what was chosen otherwise than by default, as far as it decides the figures of a row.
 *
 * @param row its name, which begins with the query method
 */
export function choicesOf(
  { prompt, ownTemplate, preprocessing, precision }: Record<string, unknown>,
  row: string,
): string[] {
  const { template, orders, sum } = isObject(prompt) ? prompt : {};
  const { targetPad, centreHalf } = isObject(preprocessing) ? preprocessing : {};
  const composed = /^(phi|pseudo-token) \+ text/.test(row);
  return [
    ...(targetPad === undefined ? [] : [`images padded to ${targetPad}`]),
    ...(centreHalf === "even" ? ["centre crop to the even pixel"] : []),
    ...(typeof precision === "string" && precision.includes("half") ? ["weights in half precision"] : []),
    ...(sum === "raw" && row === "image + text sum" ? ["of raw features"] : []),
    ...(orders === "first" && row !== "image only" ? ["first text alone"] : []),
    ...(composed && ownTemplate === true ? [`prompt ${shown(template)}`] : []),
  ];
}

/** Options of {@linkcode resultsTable}. */
export interface ResultsTableOptions {
  /**
   * Whether each line names its protocol, for programs that read no notes; a row with figures of several protocols has a
   * line for each then (default false).
   */
  protocolColumn?: boolean;
}

/**
 * Puts figures into one table. A column's heading carries the number of its protocol where there are several.
 *
 * @throws {Error} if there are no figures
 */
export function resultsTable(
  figures: readonly ResultFigure[],
  { protocolColumn = false }: ResultsTableOptions = {},
): ResultsTable {
  if (figures.length === 0) {
    throw new Error("Making a table of results failed: they hold no figures; the targets of a test split are secret.");
  }
  const protocols = [...new Set(figures.map(({ protocol }) => protocol))];
  const several = new Set(figures.map(({ part }) => part)).size > 1;
  const headingOf = ({ protocol, part, metric }: ResultFigure) =>
    `${several ? `${part}, ` : ""}${metric}${protocols.length > 1 ? ` [${protocols.indexOf(protocol) + 1}]` : ""}`;
  const inOrder = protocols.flatMap((protocol) => figures.filter((figure) => figure.protocol === protocol));
  const headings = [...new Set(inOrder.map(headingOf))];
  const notes = protocolNotes(protocols);
  const keyOf = ({ run, row, protocol }: ResultFigure) =>
    JSON.stringify([run, row, ...(protocolColumn ? [notes[protocols.indexOf(protocol)]] : [])]);
  const lines = new Map<string, Map<string, number>>();
  for (const figure of figures) {
    const line = lines.get(keyOf(figure)) ?? new Map<string, number>();
    lines.set(keyOf(figure), line.set(headingOf(figure), figure.value));
  }
  const rows = [...lines].map(([key, values]): Cell[] => [
    ...JSON.parse(key) as string[],
    ...headings.map((heading) => values.get(heading)?.toFixed(2)),
  ]);
  const first = ["results", "row", ...(protocolColumn ? ["protocol"] : [])];
  return { table: table([...first, ...headings], rows), protocols };
}

/** Returns the protocols with the numbers that columns carry. */
export function protocolNotes(protocols: readonly string[]): string[] {
  return protocols.map((protocol, i) => `[${i + 1}] ${protocol}`);
}

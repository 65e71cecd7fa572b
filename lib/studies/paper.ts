/** Figures of the paper that could be seen, each with its source; the file holds no others. */
import seen from "../../data/paper_results.json" with { type: "json" };

/** A figure of the paper. */
export interface PaperFigure {
  /** The value as it is printed in a table. */
  value: number;
  /** What it is of: metric, data set, backbone, as far as the source says. */
  of: string;
  /** Where it was seen. */
  source: string;
}

/** One line of the file. */
interface PaperLine {
  table: string;
  method: string;
  base: string;
  backbone: string;
  dataset: string;
  split: string;
  metrics: Record<string, unknown>;
  source: { kind: string; where: string };
}

/** An ablation of which single values were seen. */
interface PaperAblation {
  table: string;
  metric: string | null;
  values: unknown;
  source: { kind: string; where: string };
}

const lines = seen.rows as unknown as PaperLine[], ablations = seen.ablations as unknown as PaperAblation[];

/** Which figure is looked up. */
export interface PaperLookup {
  /** Name of the table in the file; where a figure was printed twice, it says which is meant. */
  table?: string;
  /** The base method. */
  base?: string;
  /** The backbone, such as "ViT-L/14". */
  backbone?: string;
  /** The data set. */
  dataset?: string;
  /** The split. */
  split?: string;
  /** Name of the method in the file. */
  method: string;
  /** Name of the metric in the file. */
  metric: string;
}

/** Looks up a figure in the rows of the file; undefined if it was not seen, or two sources contradict each other. */
export function paperFigure({ metric, ...wanted }: PaperLookup): PaperFigure | undefined {
  const found = lines.filter((line) =>
    typeof line.metrics[metric] === "number" &&
    Object.entries(wanted).every(([key, value]) => value === undefined || line[key as keyof PaperLine] === value)
  );
  const values = new Set(found.map(({ metrics }) => metrics[metric]));
  if (values.size !== 1) return undefined;
  const { dataset, split, backbone, source } = found[0];
  return {
    value: found[0].metrics[metric] as number,
    of: `${dataset} ${split} ${metric}, ${backbone}`,
    source: `${source.kind}: ${source.where}`,
  };
}

/** Looks up a value of an ablation by the table and the name of the value; undefined if it was not seen. */
export function paperAblation(table: string, name: string): PaperFigure | undefined {
  for (const { table: own, metric, values, source } of ablations) {
    if (own !== table || typeof values !== "object" || values === null) continue;
    const value = Number((values as Record<string, unknown>)[name] ?? NaN);
    if (Number.isFinite(value)) return { value, of: metric ?? "", source: `${source.kind}: ${source.where}` };
  }
  return undefined;
}

/** Returns what was seen of an ablation in words, each value with its name, and the source. */
export function paperWords(name: string): string | undefined {
  const found = (ablations as unknown as (PaperAblation & { name: string })[]).find((one) => one.name === name);
  if (!found || typeof found.values !== "object" || found.values === null) return undefined;
  const said = Object.entries(found.values).map(([name, value]) => `${name}: ${value}`).join("; ");
  return `${said} (${found.source.kind}: ${found.source.where})`;
}

/** What was read of a file of triplets, in words. */
import type { ReadingReport } from "../lib/triplets/read/read_triplets.ts";
import type { RowCount } from "../lib/triplets/read/row_counts.ts";

/** Writes the report of a reading as lines. */
export function readingText(report: ReadingReport): string {
  const { file, kind, form, columns, rows, triplets, captions, changed, dropped, odd } = report;
  const lines = [
    `${file}: ${kind}, form "${form}"`,
    `  reference "${columns.reference}", conditioning "${columns.conditioning}", target "${columns.target}"`,
  ];
  if (captions) {
    const first = captions.further > 0
      ? `; ${whole(captions.further)} further ones of the same images are not used`
      : "";
    lines.push(`  captions of ${whole(captions.images)} images were joined, the first of each${first}`);
  }
  lines.push(`${whole(rows)} rows, ${whole(triplets)} triplets, ${whole(rows - triplets)} dropped`);
  const counts = (title: string, list: RowCount[]) => {
    if (list.length > 0) lines.push(`${title}:`, ...list.map((count) => `  ${counted(count)}`));
  };
  counts("Dropped", dropped);
  counts("Cleaned, as published", changed);
  counts("Kept, though odd", odd);
  return lines.join("\n");
}

function counted({ reason, rows, example: { row, key, text } }: RowCount): string {
  return `${whole(rows)} ${rows === 1 ? "row" : "rows"}: ${reason} (row ${row}${key ? `, ${key}` : ""}: ${text})`;
}

/** Writes a whole number with commas. */
export function whole(count: number): string {
  return count.toLocaleString("en-US");
}

/** Tables as files for other programs: CSV and LaTeX. */
import type { Cell, Table } from "./table.ts";

/** Writes a table as CSV (RFC 4180, lines end in "\n"); numbers keep all their digits. */
export function csvText({ columns, rows }: Pick<Table, "columns" | "rows">): string {
  const quoted = (cell: Cell) => {
    const text = cell === undefined ? "" : String(cell);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => row.map(quoted).join(",") + "\n").join("");
}

/** Writes a table as a LaTeX `tabular` that needs no package; "a +- b" becomes a formula. */
export function latexText({ columns, rows }: Pick<Table, "columns" | "rows">): string {
  const cell = (value: Cell) =>
    value === undefined ? "" : escapeLatex(typeof value === "number" ? value.toFixed(1) : value);
  const numeric = columns.map((_, i) => rows.every((row) => typeof row[i] !== "string" || /^[-+\d]/.test(row[i])));
  const line = (cells: readonly Cell[]) => `${cells.map(cell).join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{${numeric.map((number) => number ? "r" : "l").join("")}}`,
    "\\hline",
    line(columns),
    "\\hline",
    ...rows.map(line),
    "\\hline",
    "\\end{tabular}",
    "",
  ].join("\n");
}

const signs: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

function escapeLatex(text: string): string {
  return text.replace(/[\\~^&%$#_{}]/g, (sign) => signs[sign] ?? `\\${sign}`).replaceAll(" +- ", " $\\pm$ ");
}

/** A table that shows itself: aligned text, Markdown, HTML. */
import { escapeHtml, jupyterDisplay, type MimeBundle, type Showable } from "./display.ts";

/** Cells: a text, a number with one decimal, or nothing where nothing was measured. */
export type Cell = string | number | undefined;

/** A table. */
export interface Table extends Showable {
  columns: string[];
  rows: Cell[][];
  /** Aligned columns for a terminal. */
  text(): string;
  markdown(): string;
  html(): string;
}

/** Makes a table. @throws {Error} if a row has another number of cells than there are columns */
export function table(columns: string[], rows: Cell[][]): Table {
  const bad = rows.find((row) => row.length !== columns.length);
  if (bad) {
    throw new Error(`Making a table failed: a row has ${bad.length} cells and there are ${columns.length} columns.`);
  }
  const written = rows.map((row) => row.map(write));
  const numeric = columns.map((_, i) => rows.every((row) => typeof row[i] !== "string" || /^[-+\d]/.test(row[i])));
  return {
    columns,
    rows,
    text() {
      const width = columns.map((name, i) => Math.max(name.length, ...written.map((row) => row[i].length)));
      const line = (cells: string[]) =>
        cells.map((cell, i) => numeric[i] ? cell.padStart(width[i]) : cell.padEnd(width[i])).join("  ").trimEnd();
      return [line(columns), width.map((count) => "-".repeat(count)).join("  "), ...written.map(line)].join("\n");
    },
    markdown() {
      const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
      const rule = `|${numeric.map((number) => number ? "---:" : "---").join("|")}|`;
      return [line(columns), rule, ...written.map(line)].join("\n");
    },
    html() {
      const cells = (tag: string, row: string[]) =>
        `<tr>${
          row.map((cell, i) =>
            `<${tag} style="text-align:${numeric[i] ? "right" : "left"};white-space:nowrap">${
              escapeHtml(cell)
            }</${tag}>`
          ).join("")
        }</tr>`;
      return `<table><thead>${cells("th", columns)}</thead><tbody>${
        written.map((row) => cells("td", row)).join("")
      }</tbody></table>`;
    },
    [jupyterDisplay](): MimeBundle {
      return { "text/html": this.html(), "text/markdown": this.markdown(), "text/plain": this.text() };
    },
  };
}

function write(cell: Cell): string {
  return cell === undefined ? "" : typeof cell === "number" ? cell.toFixed(1) : cell;
}

/** Tables as plain objects, with representations as text, Markdown and HTML. */
import { escapeHtml, jupyterDisplay, type MimeBundle, type Showable } from "./display.ts";

/** A cell: a text, a number that is written with one decimal, or `undefined` for an empty cell. */
export type Cell = string | number | undefined;

/** A table, which a notebook displays as HTML. */
export interface Table extends Showable {
  /** Names of the columns. */
  columns: string[];
  /** The cells, row by row. */
  rows: Cell[][];
  /** Returns aligned columns for a terminal. */
  text(): string;
  /** Returns a table in GitHub's Markdown. */
  markdown(): string;
  /** Returns an HTML table, its first column marked as the names of rows. */
  html(): string;
}

/**
 * Makes a table. A column whose cells are numbers, empty, or texts that begin with a number is aligned to the right.
 *
 * @throws {Error} if a row has not as many cells as there are columns
 * @example
 * ```ts
 * import { table } from "@rtd/toolkit";
 * import { assertEquals } from "@std/assert";
 *
 * const results = table(["method", "R@1"], [["LinCIR", 31.24], ["LinCIR + RTD", 55.9]]);
 * assertEquals(results.text().split("\n")[3], "LinCIR + RTD  55.9");
 * ```
 */
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
      const align = (i: number) => `text-align:${numeric[i] ? "right" : "left"}`;
      const head = columns.map((name, i) => `<th scope="col" style="${align(i)}">${escapeHtml(name)}</th>`);
      // The first column names the row; it may wrap so that it leaves room for the others on a narrow window.
      const line = ([name, ...cells]: string[]) =>
        `<tr><th scope="row" style="${align(0)}">${escapeHtml(name)}</th>${
          cells.map((cell, i) => `<td style="${align(i + 1)};white-space:nowrap">${escapeHtml(cell)}</td>`).join("")
        }</tr>`;
      return `<table><thead><tr>${head.join("")}</tr></thead><tbody>${written.map(line).join("")}</tbody></table>`;
    },
    [jupyterDisplay](): MimeBundle {
      return { "text/html": this.html(), "text/markdown": this.markdown(), "text/plain": this.text() };
    },
  };
}

function write(cell: Cell): string {
  return cell === undefined ? "" : typeof cell === "number" ? cell.toFixed(1) : cell;
}

/** Writes a study's answer into a folder. */
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import type { Showable } from "../report/display.ts";
import type { Figure } from "../report/figure.ts";
import { csvText, latexText } from "../report/table_files.ts";
import { figuresTable } from "./figures_table.ts";
import { studyPage } from "./study_page.ts";
import { studyRecord } from "./study_record.ts";
import type { StudyResult } from "./study_result.ts";

/**
 * Writes `table.csv` and `table.tex` (the main table), `figures.csv` (the headline of every row and benchmark with its
 * gain), an SVG for each section that is a figure, named after it, `report.html`, and last `result.json` (every figure,
 * for `deno task table`).
 *
 * @returns the paths of the files
 * @throws {Error} if the disk refuses
 */
export async function saveStudy(result: StudyResult, folder: Path): Promise<string[]> {
  const table = result.table(), sections = await result.study.more?.(result) ?? [];
  const drawings = sections.flatMap(({ title, shows }): [string, string][] =>
    isFigure(shows) ? [[`${fileName(title)}.svg`, shows.svg()]] : []
  );
  const files: Record<string, string> = {
    "table.csv": csvText(table),
    "table.tex": latexText(table),
    "figures.csv": csvText(figuresTable(result)),
    ...Object.fromEntries(drawings),
    "report.html": await studyPage(result),
    "result.json": JSON.stringify(studyRecord(result), null, 1) + "\n",
  };
  for (const [name, text] of Object.entries(files)) await writeAtomically(inFolder(folder, name), text);
  return Object.keys(files).map((name) => inFolder(folder, name));
}

function isFigure(shows: Showable): shows is Figure {
  return "svg" in shows && "chart" in shows;
}

/** A heading as the name of a file: its words in lower case, joined by "_". */
function fileName(heading: string): string {
  return heading.toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("_") ?? "figure";
}

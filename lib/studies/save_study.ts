/** Writes a study's answer into a folder. */
import { writeAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import { csvText, latexText } from "../report/table_files.ts";
import { figuresTable } from "./figures_table.ts";
import { studyPage } from "./study_page.ts";
import { studyRecord } from "./study_record.ts";
import type { StudyResult } from "./study_result.ts";

/**
 * Writes `table.csv` and `table.tex` (the main table), `figures.csv` (the headline of every row and benchmark with its
 * gain), `report.html`, and last `result.json` (every figure, for `deno task table`).
 *
 * @returns the paths of the files
 * @throws {Error} if the disk refuses
 */
export async function saveStudy(result: StudyResult, folder: Path): Promise<string[]> {
  const table = result.table();
  const files: Record<string, string> = {
    "table.csv": csvText(table),
    "table.tex": latexText(table),
    "figures.csv": csvText(figuresTable(result)),
    "report.html": await studyPage(result),
    "result.json": JSON.stringify(studyRecord(result), null, 1) + "\n",
  };
  for (const [name, text] of Object.entries(files)) await writeAtomically(inFolder(folder, name), text);
  return Object.keys(files).map((name) => inFolder(folder, name));
}

/** An executed notebook as it is committed (nbformat 4). */

/** What a cell has shown. */
export interface Output {
  output_type: "execute_result" | "display_data" | "stream" | "error";
  /** Representations by MIME type. */
  data?: Record<string, unknown>;
  /** Of a stream. */
  text?: string | string[];
  /** Of an error. */
  ename?: string;
  evalue?: string;
}

/** A cell. */
export interface NotebookCell {
  cell_type: "markdown" | "code" | "raw";
  source: string | string[];
  metadata: { tags?: string[]; execution?: unknown };
  outputs?: Output[];
}

/** A notebook. */
export interface Notebook {
  cells: NotebookCell[];
}

/** Joins a text that the format keeps as lines. */
export function textOf(lines: unknown): string {
  return Array.isArray(lines) ? lines.join("") : String(lines ?? "");
}

/** Reads a notebook. @throws {Error} if it is no notebook of format 4 */
export async function readNotebook(file: string): Promise<Notebook> {
  let notebook: Partial<Notebook> | undefined;
  try {
    notebook = JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    throw new Error(`Reading ${file} failed: ${(error as Error).message}.`, { cause: error });
  }
  if (!Array.isArray(notebook?.cells)) throw new Error(`Reading ${file} failed: it is no notebook of format 4.`);
  return notebook as Notebook;
}

/** Returns the first lines of code cells without output; a cell tagged "silent" (imports, parameters) may be so. */
export function emptyCells({ cells }: Notebook): string[] {
  return cells
    .filter(({ cell_type, outputs, metadata }) =>
      cell_type === "code" && (outputs ?? []).length === 0 && !metadata.tags?.includes("silent")
    )
    .map(({ source }) => textOf(source).split("\n")[0]);
}

/** Returns the parts of all outputs of one MIME type, in their order. */
export function outputsOf({ cells }: Notebook, type: string): string[] {
  return cells.flatMap(({ outputs = [] }) => outputs.flatMap(({ data }) => data?.[type] ? [textOf(data[type])] : []));
}

/** The two lists of i-CIR: rows of an image's path, a text and an instance, without a header. */
import { isFile, readTextIfThere } from "../io/read_file.ts";
import { shown } from "../io/shown.ts";
import { csvRows } from "./csv_rows.ts";

/** A row of either list. */
export interface IcirRow {
  /** The line of the file, counted from 1. */
  line: number;
  /** Path of the image, as the list writes it. */
  path: string;
  /** Paths below the root, of which the first that exists is read; the first is the image's id. */
  paths: string[];
  /** The modification; that of a database image says which queries of its instance it is correct for. */
  text: string;
  /** Name of the instance. */
  instance: string;
}

const columns = "image_path,text_query,instance_id";

/**
 * Reads one list. Spaces at both ends of a line are left out, as the released program does.
 *
 * @param root the benchmark's folder
 * @param fail is told each fault of the file, as the end of a sentence, with its last sign
 * @returns the rows that can be read
 * @throws {Error} if the file is no UTF-8
 */
export async function readIcirList(root: string, name: string, fail: (what: string) => void): Promise<IcirRow[]> {
  const text = await readTextIfThere(`${root}/${name}`);
  if (text === undefined) {
    // The hub's copy keeps its lists there, and its images in shards.
    const ofHub = isFile(`${root}/annotations/${name}`);
    fail(
      `there is no such file${
        ofHub ? ", but one in annotations/, as in the copy on the hub, whose shards are not read" : ""
      }` +
        `; README.md says which layout is expected.`,
    );
    return [];
  }
  const { rows: lines, brokenLine } = csvRows(text), rows: IcirRow[] = [];
  const wrong: number[] = [], empty: number[] = [];
  for (const { line, fields } of lines) {
    const [path, text, instance] = fields.length === 3 ? fields : [];
    if (path === undefined) {
      wrong.push(line);
      continue;
    }
    const listed = path.trimStart();
    const row = { line, path: listed, paths: pathsOf(listed), text, instance: instance.trimEnd() };
    // Images lie in folders; a header names columns.
    if (line === 1 && !/[/.]/.test(row.path)) {
      fail(`line 1 is ${shown(fields.join(","))}, which is no image but a header; the lists have none: remove it.`);
    } else if (row.path === "" || row.instance === "") empty.push(line);
    else rows.push(row);
  }
  if (brokenLine !== undefined) {
    fail(`line ${brokenLine} opens a quote that is not closed; fetch or make the file again.`);
  }
  if (wrong.length > 0) {
    const { fields } = lines.find(({ line }) => line === wrong[0])!;
    fail(
      `${lineNames(wrong)} ${fields.length} ${fields.length === 1 ? "field" : "fields"}, expected are 3 ` +
        `(${columns}): ${shown(fields.slice(0, 4))}; quote a text that contains a comma, and leave other columns out.`,
    );
  }
  if (empty.length > 0) fail(`${lineNames(empty)} no image or no instance; expected is ${columns}.`);
  if (lines.length === 0 && brokenLine === undefined) fail(`it has no row; expected is ${columns}.`);
  return rows;
}

/** The released program reads paths from the parent of the folder, so that they may begin with its name. */
function pathsOf(listed: string): string[] {
  const plain = listed.startsWith("./") ? listed.slice(2) : listed;
  return plain.startsWith("icir/") ? [plain.slice(5), plain] : [plain];
}

/** Names the first of some lines and counts the others: the start of what they have. */
function lineNames([first, ...others]: readonly number[]): string {
  return `line ${first}${others.length > 0 ? `, and ${others.length} more after it,` : ""} has`;
}

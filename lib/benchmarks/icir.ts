/**
 * i-CIR (Psomas et al., NeurIPS 2025): queries for one particular object, an instance, each ranked in the database of its
 * instance, which is full of hard negatives.
 *
 * Layout, that of the authors' archive: `query_files.csv`, `database_files.csv`, and the images at the paths that these
 * list, below the root (`query/`, `database/`). The lists have no header; a row is `image_path,text_query,instance_id`.
 *
 * Read as the released program has it (billpsomas/icir, commit 463cc1d): a database image is correct for a query if its
 * instance and its text are the query's; nothing is excluded.
 */
import { shown } from "../io/shown.ts";
import { type BenchmarkPart, checkCounts, checkPart, type Counts } from "./benchmark.ts";
import { type IcirRow, readIcirList } from "./icir_lists.ts";

/** The one split with its published counts; of the database's images only "about 750,000" is published. */
export const icirSplits = { test: { queries: 1883, instances: 202 } } as const;

const queryList = "query_files.csv", databaseList = "database_files.csv";

/**
 * Reads the benchmark as one part, each instance's database a gallery of it. A database without a query is left out, as
 * in the released program; that none is missing is seen where counts are the published ones.
 *
 * @throws {Error} if a list is missing, of another version, or contradicts itself or the other; several faults are told
 *   together, and are the `errors` of an `AggregateError`
 */
export async function readIcir(root: string, counts: Counts = "published"): Promise<BenchmarkPart[]> {
  const faults: Error[] = [];
  const failIn = (name: string) => (what: string) =>
    void faults.push(new Error(`Reading ${root}/${name} failed: ${what}`));
  const queryRows = await readIcirList(root, queryList, failIn(queryList));
  const databaseRows = await readIcirList(root, databaseList, failIn(databaseList));
  const databases = Map.groupBy(databaseRows, ({ instance }) => instance);
  refuseRepeated(queryRows, (row) => `${idOf(row)}\0${row.text}\0${row.instance}`, "the query", failIn(queryList));
  refuseRepeated(databaseRows, (row) => `${idOf(row)}\0${row.instance}`, "the image", failIn(databaseList));
  // Hard negatives may have no text, and would be correct for such a query.
  refuseFirst(queryRows.filter(({ text }) => text.trim() === ""), () => "has no text", failIn(queryList));
  const targetsOf = (row: IcirRow) => databases.get(row.instance)?.filter(({ text }) => text === row.text) ?? [];
  // Rows that could not be read would be missed again below, for another reason.
  if (faults.length === 0) {
    refuseFirst(
      queryRows.filter(({ instance }) => !databases.has(instance)),
      ({ instance }) => `is of the instance ${shown(instance)}, which has no image in ${databaseList}`,
      failIn(queryList),
    );
    refuseFirst(
      queryRows.filter((row) => databases.has(row.instance) && targetsOf(row).length === 0),
      ({ text, instance }) => `has no correct image: none of ${shown(instance)} has the text ${shown(text)}`,
      failIn(queryList),
    );
  }
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) throw new AggregateError(faults, faults.map(({ message }) => message).join(" "));

  const instances = new Set(queryRows.map(({ instance }) => instance));
  checkCounts(
    "i-CIR test",
    counts,
    { queries: queryRows.length, instances: instances.size, "databases of instances": databases.size },
    { ...icirSplits.test, "databases of instances": icirSplits.test.instances },
  );
  const queried = [...databases].filter(([instance]) => instances.has(instance));
  const galleries = new Map(queried.map(([instance, rows]) => [instance, rows.map(idOf)]));
  const listed = databaseRows.filter(({ instance }) => instances.has(instance));
  const images = new Map([...queryRows, ...listed].map((row) => [idOf(row), { paths: row.paths }]));
  const queries = queryRows.map((row, i) => ({
    id: String(i),
    reference: idOf(row),
    texts: [row.text],
    targets: targetsOf(row).map(idOf),
    excluded: [],
    gallery: row.instance,
  }));
  const gallery = [...new Set(listed.map(idOf))];
  return [checkPart({ benchmark: "icir", split: "test", part: "icir", gallery, galleries, images, queries })];
}

/** An image is named by its path below the root. */
function idOf(row: IcirRow): string {
  return row.paths[0];
}

/** Tells the first row whose key another row has, and how many there are. */
function refuseRepeated(
  rows: readonly IcirRow[],
  keyOf: (row: IcirRow) => string,
  what: string,
  fail: (what: string) => void,
): void {
  const first = new Map<string, number>(), repeated: IcirRow[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    if (first.has(key)) repeated.push(row);
    else first.set(key, row.line);
  }
  refuseFirst(
    repeated,
    (row) => `is ${what} ${shown(row.path)} of ${shown(row.instance)} again, after line ${first.get(keyOf(row))}`,
    fail,
  );
}

function refuseFirst(rows: readonly IcirRow[], say: (row: IcirRow) => string, fail: (what: string) => void): void {
  if (rows.length === 0) return;
  const others = rows.length - 1;
  const more = others === 0 ? "" : ` (and ${others} more ${others === 1 ? "line is" : "lines are"} alike)`;
  fail(`line ${rows[0].line} ${say(rows[0])}${more}; is it another version?`);
}

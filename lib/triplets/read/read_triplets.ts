/** Reads the triplets of a file, one after the other, in bounded memory. */
import type { OnProgress } from "../../io/on_progress.ts";
import { filePath, type Path } from "../../io/path.ts";
import type { Triplet } from "../triplet.ts";
import { captionsFor, formOfBatch } from "./choose_form.ts";
import { readRows } from "./read_rows.ts";
import { fieldsOf, namedColumns, type TripletForm, tripletForms } from "./triplet_form.ts";
import { type RowReport, type TripletMaker, tripletMaker } from "./triplet_rows.ts";

/** Options of {@linkcode readTriplets}. */
export interface ReadTripletsOptions {
  /**
   * Names of the columns, such as "reference=before,conditioning=text,target=after", for a file of no known form;
   * `@` before a name means that the column holds ids of images.
   */
  columns?: string;
  /** Files of captions, for files that name images in the place of captions. */
  captions?: Path | readonly Path[];
  /** Called with how much of the file has been read: megabytes, or rows of a Parquet file. */
  onProgress?: OnProgress;
  /** Stops the reading. */
  signal?: AbortSignal;
}

/** What was read, and what became of it. */
export interface ReadingReport extends RowReport {
  /** The file's path. */
  file: string;
  /** What the file is, such as "JSON lines" or "CSV, gzip". */
  kind: string;
  /** The form of its rows, such as "CoVR". */
  form: string;
  /** The columns of the three texts, `@` before those that name images. */
  columns: Record<keyof Triplet, string>;
  /** What was joined, where the rows name images. */
  captions?: {
    /** Images with a caption. */
    images: number;
    /** Captions beyond the first of an image, which are not used. */
    further: number;
  };
}

/** Triplets of rows that follow each other. */
export interface TripletBatch {
  /** The triplets. */
  triplets: Triplet[];
  /** The rows that they come from; the first row of a file is 1. */
  rows: number[];
}

/** The triplets of a file. */
export interface TripletReader extends AsyncIterable<Triplet> {
  /** Reads the file, a few thousand rows at a time. */
  batches(): AsyncGenerator<TripletBatch>;
  /** Returns the row of the triplet that a loop over the reader has taken last; 0 before the first. */
  row(): number;
  /** Returns what has been read so far. @throws {Error} if no row has been read yet */
  report(): ReadingReport;
}

/**
 * Reads triplets from any of the forms in which they are published, told apart by the file's content: JSON lines, a
 * JSON list or object, CSV, TSV (each also as gzip) or Parquet, with the fields of RTD and CompoDiff, InstructPix2Pix,
 * CoVR, TransAgg, LaSCo, CIRR, CIRCO or Shoes, or with columns that are named. Texts are cleaned by `cleanText`. A row
 * that makes no triplet is dropped and counted; nothing else is.
 *
 * The file is read as the triplets are taken, and read anew by each loop.
 *
 * @throws {Error} the loop throws if the file is missing, empty, a web page, cut, damaged, of no known form or of two;
 *   if it names images and no captions are given; or if none of its rows is a triplet. What has been read before the
 *   error is not the whole
 * @example
 * ```ts
 * import { readTriplets } from "@rtd/toolkit/triplets";
 * import { assertEquals } from "@std/assert";
 *
 * const file = await Deno.makeTempFile();
 * await Deno.writeTextFile(file, "txt1,edit,txt2\nA red apple,make it green,a green apple\nan apple,eat it,\n");
 * const reader = readTriplets(file);
 * for await (const triplet of reader) {
 *   assertEquals(triplet, { reference: "a red apple", conditioning: "make it green", target: "a green apple" });
 * }
 * const { form, rows, dropped } = reader.report();
 * assertEquals([form, rows, dropped[0].reason], ["CoVR", 2, '"txt2" is empty after cleaning']);
 * await Deno.remove(file);
 * ```
 */
export function readTriplets(path: Path, options: ReadTripletsOptions = {}): TripletReader {
  let state: () => ReadingReport = () => {
    throw new Error(`Reporting on ${filePath(path)} failed: no row of it has been read; read it first.`);
  };
  let row = 0;
  const batches = () => tripletBatches(path, options, (report) => void (state = report));
  return {
    batches,
    report: () => state(),
    row: () => row,
    async *[Symbol.asyncIterator]() {
      for await (const { triplets, rows } of batches()) {
        for (let i = 0; i < triplets.length; i++) {
          row = rows[i];
          yield triplets[i];
        }
      }
    },
  };
}

const action = "Reading triplets";

async function* tripletBatches(
  path: Path,
  { columns, captions: captionFiles, onProgress, signal }: ReadTripletsOptions,
  reportWith: (report: () => ReadingReport) => void,
): AsyncGenerator<TripletBatch> {
  const file = filePath(path), named = columns === undefined ? undefined : namedColumns(columns);
  const fail = (what: string): never => {
    throw new Error(`${action} failed: ${file} ${what}.`);
  };
  const files = captionFiles === undefined ? [] : [captionFiles].flat() as Path[];
  const wanted = fieldsOf(named ? [named] : tripletForms);
  let kind = "", maker: TripletMaker | undefined;
  const rows = readRows(path, { action, wanted, onProgress, onKind: (found) => kind = found });
  for await (const batch of rows) {
    signal?.throwIfAborted();
    if (!maker && batch.rows.length > 0) {
      const form = formOfBatch(batch, named, fail), joined = await captionsFor(form, files, fail, onProgress);
      maker = tripletMaker(form, joined?.captions, fail);
      const { report } = maker, names = columnNames(form);
      reportWith(() => ({
        file,
        kind,
        form: form.name,
        columns: names,
        ...report(),
        ...(joined && { captions: { images: joined.captions.size, further: joined.further } }),
      }));
    }
    const made: TripletBatch = { triplets: [], rows: [] };
    for (let i = 0; maker && i < batch.rows.length; i++) {
      const row = batch.first + i, triplet = maker.make(batch.rows[i], row);
      if (!triplet) continue;
      made.triplets.push(triplet);
      made.rows.push(row);
    }
    if (made.rows.length > 0) yield made;
  }
  if (!maker) return fail("has no rows");
  const { triplets, rows: total, dropped } = maker.report();
  if (triplets > 0) return;
  const reasons = dropped.map(({ reason, rows, example }) => `${reason} (${rows}, the first in row ${example.row})`);
  fail(`has no triplet in its ${total} ${total === 1 ? "row" : "rows"}: ${reasons.join("; ")}`);
}

function columnNames({ columns }: TripletForm): Record<keyof Triplet, string> {
  const name = (key: keyof Triplet) => `${columns[key].image ? "@" : ""}${columns[key].field}`;
  return { reference: name("reference"), conditioning: name("conditioning"), target: name("target") };
}

/** Files of triplets in every form and kind, and files of captions: for images, and to make triplets from. */
import { gzipSync } from "node:zlib";
import { loadTriplets } from "../../../lib/triplets/load_triplets.ts";
import { readSourceCaptions } from "../../../lib/triplets/make/source_captions.ts";
import { readCaptionIndex } from "../../../lib/triplets/read/caption_index.ts";
import { tripletForms, tripletKeys } from "../../../lib/triplets/read/triplet_form.ts";
import { keyField } from "../../../lib/triplets/read/row_batches.ts";
import { bytesSample, Contradiction, jsonSample, type MakeParser, type Sample, textSample } from "../parser.ts";
import { golden } from "./goldens.ts";

const texts = {
  reference: ["A red apple", "Two dogs, one of them asleep", "<PERSON> in a caf\u00e9", "a hat"],
  conditioning: ["make it green", 'is "old"', "has $5", ""],
  target: ["A green apple", "an old dog", "a man in a bar", "another hat"],
};
/** Captions by the ids of images that rows name. */
const captions = Object.fromEntries([...texts.reference, ...texts.target].map((caption, i) => [`${i}`, caption]));

/** Rows of a form; ids stand where the form names images. */
function rowsOf({ columns }: typeof tripletForms[number]): Record<string, unknown>[] {
  return texts.reference.map((_, i) =>
    Object.fromEntries(tripletKeys.map((key) => {
      const { field, image } = columns[key], id = String(key === "target" ? i + texts.reference.length : i);
      return [field, !image ? texts[key][i] : field.startsWith("query") || i === 1 ? [id, "path.jpg"] : id];
    }))
  );
}

const namesImages = ({ columns }: typeof tripletForms[number]) => tripletKeys.some((key) => columns[key].image);

const linesOf = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

function separated(rows: readonly Record<string, unknown>[], separator: string): string {
  const quoted = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row).map(quoted))];
  return lines.map((fields) => fields.join(separator)).join("\r\n");
}

/** Every form as JSON; one of them in every other kind of file. Files whose rows name images are called "joined". */
function tripletSamples(): Sample[] {
  const [first, ...others] = tripletForms, plain = rowsOf(first), packed = new Uint8Array(gzipSync(linesOf(plain)));
  const forms = [first, ...others].map((form) => {
    const file = namesImages(form) ? "joined" : "plain", rows = rowsOf(form);
    if (form.columns.reference.field !== keyField) return jsonSample(file, rows);
    return jsonSample(
      file,
      Object.fromEntries(rows.map(({ [keyField]: key, ...row }, i) => [i === 1 ? "1" : key, row])),
    );
  });
  return [
    ...forms,
    textSample("plain", linesOf(plain)),
    textSample("plain", separated(plain, ",")),
    textSample("plain", separated(rowsOf(tripletForms.find(({ name }) => name === "CoVR")!), "\t")),
    textSample("joined", separated(rowsOf(tripletForms.find(({ name }) => name === "Shoes")!), ";")),
    textSample(
      "named",
      separated(plain.map((row) => Object.fromEntries(Object.values(row).map((x, i) => ["abc"[i], x]))), ","),
    ),
    bytesSample("plain", packed),
  ];
}

/** Reads a file as one of its samples: with captions where they are joined, with columns where they are named. */
async function readAs(file: string, path: string, captionFile: string): Promise<void> {
  const { triplets, report } = await loadTriplets(path, {
    ...(file === "joined" && { captions: captionFile }),
    ...(file === "named" && { columns: "reference=a,conditioning=b,target=c" }),
  });
  const dropped = report.dropped.reduce((sum, { rows }) => sum + rows, 0);
  if (report.triplets !== triplets.length || report.rows < triplets.length || report.rows > triplets.length + dropped) {
    throw new Contradiction("rows are missing", `${report.rows} rows, ${triplets.length} triplets, ${dropped} dropped`);
  }
  for (const { reference, conditioning, target } of triplets) {
    const all = [reference, conditioning, target];
    if (reference === "" || target === "" || all.some((text) => text.includes("$") || text !== text.trim())) {
      throw new Contradiction("a triplet is not cleaned", JSON.stringify(all));
    }
  }
}

/** A parser of files of triplets with the given samples. */
const tripletParser = (samples: Sample[], scratch: string) => {
  const captionFile = `${scratch}/captions.json`;
  Deno.writeTextFileSync(captionFile, JSON.stringify(captions));
  return {
    samples,
    names: ["plain", "joined", "named", "snappy.parquet", "zstd.parquet", "gzip.parquet"].map((file) =>
      `${scratch}/${file}`
    ),
    async read(bytes: Uint8Array, file: string) {
      Deno.writeFileSync(`${scratch}/${file}`, bytes);
      await readAs(file, `${scratch}/${file}`, captionFile);
    },
  };
};

/** Every form and kind but Parquet. */
export const tripletFiles: MakeParser = (scratch) => tripletParser(tripletSamples(), scratch);

/** Parquet, in three codecs and both versions of pages. */
export const tripletParquet: MakeParser = (scratch) =>
  tripletParser(
    ["snappy", "zstd", "gzip"].map((codec) => bytesSample(`${codec}.parquet`, golden(`triplets/${codec}.parquet`))),
    scratch,
  );

const rows = texts.reference.map((caption, id) => ({ id, image_id: id, caption }));

/** Captions that are joined with images. */
export const captionIndex: MakeParser = (scratch) => ({
  samples: [
    jsonSample("captions", captions),
    jsonSample("captions", { info: {}, annotations: rows }),
    jsonSample("captions", rows.map(({ id, caption }) => ({ candidate: `${id}`, captions: [caption, "more"] }))),
    jsonSample("captions", { a: { caption: "a dog" }, b: { captions: ["a cat", "cats"] }, c: ["a hat"] }),
    textSample("captions", linesOf(rows)),
    textSample("captions", separated(rows.map(({ id, caption }) => ({ id, caption })), "\t")),
    bytesSample("captions", new Uint8Array(gzipSync(JSON.stringify({ annotations: rows })))),
  ],
  names: [`${scratch}/captions`],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    const { captions } = await readCaptionIndex([`${scratch}/${file}`]);
    if (captions.size === 0 || captions.has("")) {
      throw new Contradiction("no caption, or one of no image", captions.size);
    }
  },
});

/** Captions that triplets are made from. */
export const sourceCaptions: MakeParser = (scratch) => ({
  samples: [
    textSample("captions", texts.reference.join("\n")),
    textSample("captions", linesOf(rows)),
    jsonSample("captions", texts.reference),
    jsonSample("captions", rows),
    jsonSample("captions", { info: {}, annotations: rows }),
    bytesSample("captions", new Uint8Array(gzipSync(texts.reference.join("\n")))),
  ],
  names: [`${scratch}/captions`],
  async read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    let count = 0;
    await readSourceCaptions(`${scratch}/${file}`, ({ text }) => {
      count++;
      if (text === "" || text !== text.trim()) {
        throw new Contradiction("a caption is not trimmed", JSON.stringify(text));
      }
    });
    if (count === 0) throw new Contradiction("no caption", count);
  },
});

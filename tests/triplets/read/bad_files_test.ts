import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { loadTriplets } from "../../../lib/triplets/load_triplets.ts";
import { readTriplets } from "../../../lib/triplets/read/read_triplets.ts";
import { read, refusal } from "../files.ts";

const row = (i: number) =>
  JSON.stringify({ reference_caption: `a ${i}`, conditioning_caption: "b", target_caption: "c" });
const many = Array.from({ length: 3000 }, (_, i) => row(i));
const packed = new Uint8Array(gzipSync(many.join("\n")));
const parquet = Deno.readFileSync(new URL("../../goldens/triplets/snappy.parquet", import.meta.url));
const page = (title: string) => `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>...</body></html>`;

Deno.test("readTriplets: a file that is none of triplets is told by what it is", async () => {
  const kinds = "give JSON lines, a JSON list, CSV, TSV or Parquet.";
  const refused: [string | Uint8Array, string][] = [
    ["", "FILE is empty; fetch or make it again."],
    ["\n \n", "FILE is empty: no line has a text."],
    [
      page("Sign in\n - Google Accounts"),
      'FILE is a web page ("Sign in - Google Accounts"), a login or error page that was saved in the place of the data; ' +
      "fetch the file again.",
    ],
    [
      "<html>x",
      "FILE is a web page, a login or error page that was saved in the place of the data; fetch the file again.",
    ],
    [
      page("Google Drive - Virus scan warning"),
      'FILE is a web page of Google Drive ("Google Drive - Virus scan warning") and not the file behind it; open the link ' +
      "in a browser and do what the page says, or fetch the file with gdown.",
    ],
    ["<rows/>", `FILE begins with "<rows/>": it is XML; ${kinds}`],
    ["hello", `FILE begins with "hello", which is neither JSON, nor Parquet, nor a header of columns; ${kinds}`],
    ["PK\x03\x04...", "FILE is a ZIP archive (or a spreadsheet); unpack it, or save it as CSV."],
    [new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0]), "FILE is packed by zstd; unpack it with unzstd."],
    [new Uint8Array(gzipSync(parquet)), "FILE is a Parquet file inside gzip; unpack it with gunzip."],
    ['["a", "b"]', 'FILE begins with "a", where an object of fields is expected; write one object a line, or a list.'],
    ["[]", "FILE has no rows."],
    ["txt1,edit,txt2\n", "FILE has no rows."],
    [
      `{"train": [${row(1)}]}`,
      'FILE is one object; if its "train" holds the rows, save that list as a file.',
    ],
    [
      '{"a": "x", "b": "y"}',
      'FILE has rows with the fields "a", "b", which is no known form; name them: --columns ' +
      "reference=NAME,conditioning=NAME,target=NAME.",
    ],
    [
      '{"input": "x", "edit": "y"}',
      'FILE has rows with the fields "input", "edit", which is no known form ("InstructPix2Pix" also has "output"); name ' +
      "them: --columns reference=NAME,conditioning=NAME,target=NAME.",
    ],
  ];
  for (const [content, words] of refused) assertEquals(await refusal(content), `Reading triplets failed: ${words}`);
  const utf16 = new Uint8Array([0xff, 0xfe, 0x41, 0]);
  assertEquals(await refusal(utf16), "Reading FILE failed: it is UTF-16 text; save it as UTF-8.");
  await assertRejects(() => loadTriplets("no/file"), Error, "Reading triplets failed: no/file: there is no such file.");
  await assertRejects(() => loadTriplets("lib"), Error, "Reading triplets failed: lib is a folder; name a file in it.");
});

Deno.test("readTriplets: a file that breaks off or is damaged is told with the row", async () => {
  const late = new Uint8Array([...new TextEncoder().encode(many.concat(many).join("\n")), 0xe9, 0x20]);
  const damaged = parquet.slice().fill(7, 100, 900);
  const refused: [string | Uint8Array, RegExp][] = [
    [packed.slice(0, -500), /^FILE is cut: its gzip data ends after \d+ unpacked bytes; fetch it again\.$/],
    [packed.slice().fill(7, 200, 300), /^FILE is damaged: its gzip data breaks off after \d+ unpacked bytes; fetch it/],
    [
      `${row(1)}\n\n${row(2).slice(0, -5)}\n${row(3)}`,
      /^FILE has a row 2 \(line 3\) that is not JSON and begins with "{/,
    ],
    [`[${many.join(",").slice(0, 5000)}`, /^FILE is cut: its JSON ends after row 65, in the middle; fetch it again\.$/],
    [`[${row(1)},${row(2)}} ]`, /^FILE is no longer JSON after row 2; fetch or make it again\.$/],
    [`[${many.join(",")}]\n[1]`, /^FILE has text behind the end of its JSON, after row 3000; fetch it again\.$/],
    [
      "txt1,edit,txt2\na,b,c\na,b\n",
      /^FILE has a row 2 with 2 fields for 3 columns: \["a","b"\]; quote texts that contain the separator\.$/,
    ],
    ["txt1,edit,txt2\na,b,c,d\n", /^FILE has a row 1 with 4 fields for 3 columns: /],
    [
      'txt1,edit,txt2\na,b,c\n"a,b,c\nd,e,f\n',
      /^FILE has a row 2 \(line 4\) that opens a quote that is not closed; fetch or make it again\.$/,
    ],
    ["txt1,txt1,edit\na,b,c\n", /^FILE has two columns "txt1"; rename one\.$/],
    [late, /^FILE is not UTF-8 text after byte \d+; save it as UTF-8\.$/],
    [parquet.slice(0, 3000), /^FILE is a damaged Parquet file after row 0 \(.*\); fetch it again\.$/],
    [damaged, /^FILE is a damaged Parquet file after row 0 \(.*\); fetch it again\.$/],
  ];
  for (const [content, words] of refused) {
    const message = await refusal(content);
    assertEquals(message.startsWith("Reading triplets failed: "), true, message);
    assertEquals(words.test(message.slice(25)), true, message);
  }
});

Deno.test("readTriplets: rows of two forms are refused with the row, and a file without any triplet by the reasons", async () => {
  assertEquals(
    await refusal(`${row(1)}\n{"input": "a", "edit": "b", "output": "c"}`),
    'Reading triplets failed: FILE has rows of two forms: row 2 is of the form "InstructPix2Pix", those before it of ' +
      '"RTD / CompoDiff"; split it.',
  );
  assertEquals(
    await refusal('{"input": 1, "edit": "b", "output": "c"}\n{"input": "a", "edit": "b", "output": null}'),
    'Reading triplets failed: FILE has no triplet in its 2 rows: "input" is not a text (1, the first in row 1); no "output" ' +
      "(1, the first in row 2).",
  );
});

Deno.test("readTriplets: captions are asked for where rows name images, and refused where they do not", async () => {
  assertEquals(
    await refusal('{"7": {"tgt_image_id": "8", "relative_cap": "x", "tgt_cap": "y"}}'),
    'Reading triplets failed: FILE names images (form "TransAgg", "(key)"); give the file of their captions as "captions".',
  );
  assertEquals(
    await refusal(row(1), { captions: "captions.json" }),
    'Reading triplets failed: FILE holds its captions itself (form "RTD / CompoDiff"); leave out the file of captions.',
  );
  assertEquals(
    await refusal('{"a": "x", "b": "y", "c": "z"}', { columns: "reference=a,conditioning=b,target=d" }),
    'Reading triplets failed: FILE has rows with the fields "a", "b", "c" and no "d"; name columns that it has.',
  );
});

Deno.test("readTriplets: rows are cleaned as published, dropped and kept by rule, each counted with an example", async () => {
  const rows = [
    { input: " A <PERSON> and a $5 bill", edit: "Remove $", output: "a person " },
    { input: "a", edit: null, output: "b" },
    { input: "a", output: "b" },
    { input: "a", edit: "b" },
    { input: "a", edit: "b", output: null },
    { input: "a", edit: "b", output: " $ " },
    { input: "a", edit: ["b"], output: "c" },
    "a text",
    { input: "b", edit: "A", output: "c" },
  ];
  const { texts, report } = await read(rows.map((row) => JSON.stringify(row)).join("\n"));
  assertEquals(texts, [["a person and a 5 bill", "remove", "a person"], ["a", "", "b"], ["a", "", "b"], [
    "b",
    "a",
    "c",
  ]]);
  const counts = (list: typeof report.changed) =>
    list.map(({ reason, rows, example: { row, key } }) => [reason, rows, row, key]);
  assertEquals([report.rows, report.triplets], [9, 4]);
  assertEquals(counts(report.changed), [
    ["upper case written in lower case", 2, 1, "reference"],
    ["<PERSON> written as person", 1, 1, "reference"],
    ["$ removed", 1, 1, "reference"],
    ["space removed at the ends", 1, 1, "reference"],
  ]);
  assertEquals(counts(report.dropped), [
    ['no "output"', 2, 4, "target"],
    ['"output" is empty after cleaning', 1, 6, "target"],
    ['"edit" is not a text', 1, 7, "conditioning"],
    ["not an object of fields", 1, 8, undefined],
  ]);
  assertEquals(counts(report.odd), [["the conditioning text is empty", 2, 2, "conditioning"]]);
  assertEquals(report.changed[2].example.text, '" a person and a $5 bill"');
});

Deno.test("readTriplets: a report before the first row is an error", () => {
  let message = "";
  try {
    readTriplets("file.jsonl").report();
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "Reporting on file.jsonl failed: no row of it has been read; read it first.");
});

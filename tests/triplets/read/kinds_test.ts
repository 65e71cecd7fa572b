import { assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { readTriplets } from "../../../lib/triplets/read/read_triplets.ts";
import { read, withFile } from "../files.ts";

const golden = (name: string) => Deno.readFileSync(new URL(`../../goldens/triplets/${name}`, import.meta.url));
const encode = (text: string) => new TextEncoder().encode(text);
const rows = Array.from(
  { length: 5000 },
  (_, i) => ({ input: `photo ${i} é`, edit: `edit ${i}`, output: `after ${i}` }),
);
const expected = rows.map(({ input, edit, output }) => [input, edit, output]);

Deno.test("readTriplets: one set of rows is the same as JSON lines, list, CSV and TSV, packed or not, with mark and CRLF", async () => {
  const texts: [string, string][] = [
    ["JSON lines", rows.map((row) => JSON.stringify(row)).join("\n")],
    ["JSON list", JSON.stringify(rows)],
    ["JSON list", `\n ${JSON.stringify(rows, null, 1)} \n\n`],
    ["CSV", ["input,edit,output", ...expected.map((row) => `"${row[0]}",${row[1]},${row[2]}`)].join("\n")],
    ["CSV with semicolons", ["input;edit;output", ...expected.map((row) => row.join(";"))].join("\n")],
    ["TSV", ["input\tedit\toutput", ...expected.map((row) => row.join("\t"))].join("\n")],
  ];
  for (const [kind, text] of texts) {
    const forms: [string, Uint8Array, string][] = [
      ["plain", encode(text), kind],
      ["CRLF, ends with a line", encode(text.replaceAll("\n", "\r\n") + "\r\n"), kind],
      ["byte-order mark", encode(`\ufeff${text}`), kind],
      ["gzip", new Uint8Array(gzipSync(text)), `${kind}, gzip`],
      [
        "gzip in two members",
        new Uint8Array([...gzipSync(text.slice(0, 999)), ...gzipSync(text.slice(999))]),
        `${kind}, gzip`,
      ],
    ];
    for (const [name, content, kind] of forms) {
      const found = await read(content);
      assertEquals([name, found.report.kind, found.report.rows], [name, kind, 5000]);
      assertEquals(found.texts, expected);
    }
  }
});

Deno.test("readTriplets: Parquet files that pyarrow wrote, in three packings, with and without row groups", async () => {
  for (const name of ["snappy", "zstd", "gzip"]) {
    const { texts, report } = await read(golden(`${name}.parquet`));
    assertEquals([report.kind, report.form, report.rows, report.triplets], [
      "Parquet",
      "InstructPix2Pix (hub)",
      100,
      99,
    ]);
    assertEquals(texts[0], ["a café in street 0", "make it snow", "a snowy café in street 0"]);
    // Row 5 says nothing, and is kept as the published code keeps it; row 8 has no target.
    assertEquals(texts[4], ["a café in street 4", "", "a snowy café in street 4"]);
    assertEquals(texts[7][0], "a café in street 8");
    assertEquals(texts[98], ["a café in street 99", "as a 水彩 painting", "a snowy café in street 99"]);
    assertEquals(report.dropped.map(({ reason, rows, example }) => [reason, rows, example.row]), [
      ['no "edited_prompt"', 1, 8],
    ]);
    assertEquals(report.odd.map(({ reason, rows, example }) => [reason, rows, example.row]), [
      ["the conditioning text is empty", 1, 5],
    ]);
  }
});

Deno.test("readTriplets: JSON lines end where JSON says, not where Unicode does; empty lines are skipped", async () => {
  const row = '{"input": "a\u2028b", "edit": "c\u0085", "output": "d"}';
  const { texts, report } = await read(`\n${row}\n\n  \n${row}`);
  assertEquals([report.rows, texts[1]], [2, ["a\u2028b", "c\u0085", "d"]]);
});

Deno.test("readTriplets: a first line that is one object of objects is a file of rows by key", async () => {
  const columns = "reference=(key),conditioning=edit,target=output";
  const one = '{"A cat": {"edit": "as a dog", "output": "a dog"}, "A pan": {"edit": "as a pot", "output": "a pot"}}';
  const expected = [["a cat", "as a dog", "a dog"], ["a pan", "as a pot", "a pot"]];
  for (const text of [one, `${one}\n`, JSON.stringify(JSON.parse(one), null, 2)]) {
    const { texts, report } = await read(text, { columns });
    assertEquals([report.kind, texts], ["JSON object", expected]);
  }
});

Deno.test("readTriplets: progress ends at the file's size; a loop can stop in the middle, and the row is known", async () => {
  await withFile(rows.map((row) => JSON.stringify(row)).join("\n"), async (file) => {
    const seen: [number, number][] = [];
    const reader = readTriplets(file, { onProgress: (done, total) => seen.push([done, total]) });
    let count = 0;
    for await (const { target } of reader) {
      if (++count < 3000) continue;
      assertEquals([reader.row(), target], [3000, "after 2999"]);
      break;
    }
    for await (const _ of reader) count++;
    assertEquals([count, reader.row(), reader.report().triplets], [8000, 5000, 5000]);
    assertEquals(seen.at(-1), [0.3, 0.3]);
  });
});

Deno.test("readTriplets: an aborted signal ends the reading with its reason", async () => {
  const stop = new AbortController();
  await withFile(rows.map((row) => JSON.stringify(row)).join("\n"), async (file) => {
    let error: unknown;
    try {
      for await (const _ of readTriplets(file, { signal: stop.signal })) stop.abort(new Error("enough"));
    } catch (thrown) {
      error = thrown;
    }
    assertEquals((error as Error).message, "enough");
  });
});

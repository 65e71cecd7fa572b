import { assertEquals } from "@std/assert";
import { csvRows } from "../../lib/benchmarks/csv_rows.ts";

const fieldsOf = (text: string) => csvRows(text).rows.map(({ fields }) => fields);

Deno.test("csvRows: plain and quoted fields, both line ends, and the lines that rows begin on", () => {
  assertEquals(csvRows('a,b\n\n"c, ""d""",e\r\n"f\ng",\r\nh'), {
    rows: [
      { line: 1, fields: ["a", "b"] },
      { line: 3, fields: ['c, "d"', "e"] },
      { line: 4, fields: ["f\ng", ""] },
      { line: 6, fields: ["h"] },
    ],
  });
  assertEquals(fieldsOf(""), []);
  assertEquals(fieldsOf("\r\n\n"), []);
  assertEquals(fieldsOf("a,\r\n"), [["a", ""]]);
  assertEquals(fieldsOf('"a",""'), [["a", ""]]);
  // A quote inside a field is a plain sign.
  assertEquals(fieldsOf('5" wide,x"y"\n'), [['5" wide', 'x"y"']]);
});

Deno.test("csvRows: reading stops at a quote that is not closed, or goes on behind its end", () => {
  assertEquals(csvRows('a\n"b,c\nd'), { rows: [{ line: 1, fields: ["a"] }], brokenLine: 2 });
  assertEquals(csvRows('a\n"b"c,d\ne'), { rows: [{ line: 1, fields: ["a"] }], brokenLine: 2 });
});

Deno.test("csvRows: writing rows and reading them gives them back", () => {
  const rows = [["a,b", 'say "x"', ""], ["two\nlines", "\r", '"'], ["plain", " spaces ", "ü"]];
  const quoted = (end: string) =>
    rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(",") + end).join("");
  assertEquals([fieldsOf(quoted("\n")), fieldsOf(quoted("\r\n"))], [rows, rows]);
});

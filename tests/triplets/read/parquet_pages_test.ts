import { assert, assertEquals, assertThrows } from "@std/assert";
import { crc32 } from "node:zlib";
import { checkPages, type GroupColumn } from "../../../lib/triplets/read/parquet_pages.ts";
import { refusal } from "../files.ts";

/** Numbers of the format (parquet.thrift). */
const dataPage = 0, plain = 0, deltaLengths = 6, deltaTexts = 7, dictionaryRuns = 8;

/** A number in seven bits a byte, as counts are written. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

/** A structure in Thrift's compact form: numbers and structures by the number of their field. */
function struct(fields: Partial<Record<number, number | number[]>>): number[] {
  let before = 0;
  const bytes = Object.entries(fields).flatMap(([key, value = 0]) => {
    const head = Number(key) - before << 4 | (Array.isArray(value) ? 12 : 5);
    before = Number(key);
    return [head, ...(Array.isArray(value) ? value : varint(value < 0 ? -2 * value - 1 : 2 * value))];
  });
  return [...bytes, 0];
}

interface Made {
  /** What the page holds. */
  content: number[];
  /** The encoding of its values. */
  encoding?: number;
  /** Values that the page is said to have. */
  count?: number;
  /** Bytes that it is said to have. */
  size?: number;
  /** Its checksum, as a signed number. */
  crc?: number;
}

/** A column of ten values with one page. */
function check({ content, encoding = plain, count = 10, size = content.length, crc }: Made, optional = false): void {
  const header = struct({
    ...{ 1: dataPage, 2: size, 3: size },
    ...(crc === undefined ? {} : { 4: crc }),
    5: struct({ 1: count, 2: encoding, 3: 3, 4: 3 }),
  });
  const bytes = Uint8Array.from([...header, ...content]);
  const repetition = optional ? "OPTIONAL" : "REQUIRED";
  const column = {
    meta: { num_values: 10n, total_uncompressed_size: 1000n, codec: "UNCOMPRESSED", type: "BYTE_ARRAY" },
    schemaPath: [{ element: { name: "root" } }, { element: { name: "text", repetition_type: repetition } }],
  };
  checkPages(bytes.buffer, column as unknown as GroupColumn);
}

const width = 1, ten = [width, ...varint(10 << 1), 0];

Deno.test("checkPages: a page that holds what it says passes", () => {
  check({ content: Array(40).fill(0) });
  check({ content: ten, encoding: dictionaryRuns });
  // Packed values come by eight.
  check({ content: [width, ...varint(2 << 1 | 1), 0xff, 0x03], encoding: dictionaryRuns });
  check({ content: [2, 0, 0, 0, ...varint(10 << 1), 1, ...ten], encoding: dictionaryRuns }, true);
  check({ content: [...varint(128), ...varint(4), ...varint(10), 0, 0, 0, 0, 0, 0], encoding: deltaLengths });
  const content = Array(40).fill(7), crc = crc32(Uint8Array.from(content)) | 0;
  check({ content, crc });
});

Deno.test("checkPages: a count beyond what can be there is refused, before it is written out", () => {
  const delta = (block: number, parts: number) => [...varint(block), ...varint(parts), ...varint(10), 0, 0, 0, 0, 0, 0];
  const refused: [Made, string][] = [
    [
      { content: [width, ...varint(2 ** 31), 0], encoding: dictionaryRuns },
      "a run of 1073741824 values stands where 10 are left",
    ],
    [
      { content: [0, 0], encoding: dictionaryRuns, count: 2 ** 30 },
      "the number of values of a page is 1073741824, which is not from 0 to 10",
    ],
    [
      { content: [width, ...varint(2 ** 20 | 1), 0], encoding: dictionaryRuns },
      "a run of 4194304 values stands where 10 are left",
    ],
    [{ content: [77, 2, 0], encoding: dictionaryRuns }, "the width of a number is 77, which is not from 0 to 32"],
    [
      { content: delta(128, 0), encoding: deltaLengths },
      "the number of parts of a delta block is -1, which is not from",
    ],
    // Its blocks would begin before themselves, again and again.
    [
      { content: delta(2 ** 32 - 128, 4), encoding: deltaLengths },
      "the size of a delta block is -129, which is not from",
    ],
    [
      { content: delta(128, 2 ** 32 - 5), encoding: deltaTexts },
      "the number of parts of a delta block is -6, which is",
    ],
    [{ content: [0], size: 50 }, "the size of a page is 50, which is not from 0 to 1"],
    [{ content: [0], size: -1 }, "the size of a page is -1, which is not from 0 to 1"],
    [{ content: [0], crc: 1 }, "a page has another checksum"],
  ];
  const started = performance.now();
  for (const [made, reason] of refused) assertThrows(() => check(made), Error, reason);
  const levels = { content: [5, 0, 0, 0, ...varint(2 ** 31), 1], encoding: plain };
  assertThrows(() => check(levels, true), Error, "a run of 1073741824 values stands where 10 are left");
  assert(performance.now() - started < 1000);
});

Deno.test("readTriplets: a Parquet file whose decoding would never end is refused at once", async () => {
  const file = "../../../scripts/fuzz/corpus/triplet-parquet/no-size-of-levels/zstd.parquet";
  const message = await refusal(Deno.readFileSync(new URL(file, import.meta.url)));
  assertEquals(
    message,
    "Reading triplets failed: FILE is a damaged Parquet file after row 0 (the size of a page's levels is undefined, which " +
      "is not from 0 to 53); fetch it again.",
  );
});

Deno.test("readTriplets: a Parquet file with a text that is not UTF-8 is refused, and not read with other signs", async () => {
  const bytes = Deno.readFileSync(new URL("../../goldens/triplets/snappy.parquet", import.meta.url));
  // Snappy leaves a text as it is that comes for the first time: here half of the last letter of "caf\u00e9" is lost.
  const at = bytes.findIndex((byte, i) => byte === 0xc3 && bytes[i + 1] === 0xa9);
  assert(at > 0);
  bytes[at] = 0xff;
  const message = await refusal(bytes);
  assertEquals(
    message,
    "Reading triplets failed: FILE is a damaged Parquet file after row 0 (a text is not UTF-8); fetch it again.",
  );
});

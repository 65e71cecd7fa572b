import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { writeAtomically } from "../../lib/io/atomic_write.ts";
import { openSafetensors, readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { random } from "../../lib/tensors/random.ts";

const arrays = {
  b: { shape: [2, 2], values: Float32Array.of(1, -2.5, 0.1, 65504) },
  a: { shape: [3], values: Int32Array.of(1, -2, 3) },
  scalar: { shape: [], values: Float32Array.of(7) },
};

/** A file with this header and these data bytes. */
function file(header: unknown, data = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

Deno.test("arrays and metadata survive the way out and back", () => {
  const read = readSafetensors(writeSafetensors(arrays, { who: "us" }), "f");
  assertEquals(read.arrays, { ...arrays });
  assertEquals(read.metadata, { who: "us" });
});

Deno.test("half precision keeps what eleven bits can hold", () => {
  const { values } = readSafetensors(writeSafetensors(arrays, {}, "F16"), "f").arrays.b;
  assertEquals([...values], [1, -2.5, 0.0999755859375, 65504]);
});

Deno.test("bfloat16 is the upper half of a float", () => {
  const bytes = file({ x: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } }, 4);
  bytes.set([0x80, 0x3f, 0x00, 0xc0], bytes.length - 4);
  assertEquals([...readSafetensors(bytes, "f").arrays.x.values], [1, -2]);
});

Deno.test("the data begins at a multiple of eight bytes", () => {
  const bytes = writeSafetensors({ "é": arrays.b });
  assertEquals(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8, 0);
  assertEquals(readSafetensors(bytes, "f").arrays["é"].shape, [2, 2]);
});

Deno.test("a damaged file is refused with its name and what is wrong", () => {
  const x = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(3), "it has 3 bytes, fewer than the 8"],
    [file("{}").subarray(0, 9), "its header claims 2 bytes and 1 follow"],
    [file("{x"), "its header is not JSON"],
    [file([]), "its header is not an object"],
    [file({ x }, 7), "its tensors need"],
    [file({ x: { ...x, dtype: "U8" } }, 8), '"x" has the type "U8"'],
    [file({ x: { ...x, dtype: "toString" } }, 8), '"x" has the type "toString"'],
    [file({ x: { ...x, shape: [-2] } }, 8), '"x" has the shape [-2]'],
    [file({ x: { ...x, shape: [3] } }, 8), '"x" F32 [3] needs 12 bytes and its offsets give 8'],
    [file({ x: { ...x, data_offsets: [8] } }, 8), '"x" has the data_offsets [8]'],
    [file({ x, y: x }, 8), '"y" begins at byte 0, expected 8 (overlap or gap)'],
    [file({ x: null }, 8), '"x" has the type undefined'],
    [file({ __metadata__: ["a"] }), "its __metadata__ is no object of strings"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => readSafetensors(bytes, "model.safetensors"), Error, "Reading model.safetensors failed: ");
    assertThrows(() => readSafetensors(bytes, "model.safetensors"), Error, message);
  }
});

Deno.test("what a header claims is shown cut, and on one line", () => {
  const x = { dtype: "F32", shape: [2], data_offsets: [0, 8] }, long = "x\n".repeat(5000);
  const deep = `${"[".repeat(9000)}${"]".repeat(9000)}`, ones = Array(5000).fill(1);
  const entry = (field: string, json: string) =>
    `{"x":${JSON.stringify({ ...x, [field]: 0 }).replace(/:0\b/, `:${json}`)}}`;
  const headers = [
    { [long]: { ...x, dtype: "U8" } },
    { x: { ...x, dtype: long } },
    { x: { ...x, shape: [...ones, -1] } },
    { x: { ...x, shape: ones } },
    { x: { ...x, data_offsets: ones } },
    { [long]: x, y: x },
    entry("dtype", deep),
    entry("shape", `[${deep}]`),
    entry("data_offsets", `[${deep}]`),
  ];
  for (const [i, header] of headers.entries()) {
    const { message } = assertThrows(() => readSafetensors(file(header, 8), "f"), Error, "Reading f failed: ");
    assert(message.length < 300 && !message.includes("\n"), `header ${i}: ${message.slice(0, 400)}`);
  }
});

Deno.test("no mutation of a file does more than be refused", () => {
  const rng = random(3), whole = writeSafetensors(arrays, { a: "b" });
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = whole.slice(0, rng.int(4) === 0 ? rng.int(whole.length) : whole.length);
    for (let k = rng.int(4); k >= 0 && bytes.length > 0; k--) bytes[rng.int(bytes.length)] = rng.int(256);
    try {
      const { arrays } = readSafetensors(bytes, "f");
      const size = Object.values(arrays).reduce((sum, { values }) => sum + values.byteLength, 0);
      // Half-precision arrays double in memory; nothing may grow further.
      if (size > 2 * bytes.length) throw new Error(`${size} bytes came out of ${bytes.length}`);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("Reading f failed: ")) throw error;
      refused++;
    }
  }
  assertEquals(refused > 10_000, true);
});

Deno.test("a write that fails leaves what was there", async () => {
  const folder = await Deno.makeTempDir();
  await writeAtomically(`${folder}/deep/x.txt`, "old");
  // A folder in the place of the file stands for any refusal of the disk.
  await assertRejects(() => writeAtomically(`${folder}/deep`, "new"), Error, "what was there before is untouched");
  assertEquals(await Deno.readTextFile(`${folder}/deep/x.txt`), "old");
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["deep"], "a temporary file stayed");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an open file gives one tensor at a time, and a damaged one is not left open", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, writeSafetensors(arrays, { who: "us" }));
  const open = openSafetensors(path);
  assertEquals(open.shapes, { a: [3], b: [2, 2], scalar: [] });
  assertEquals(open.read("b"), arrays.b);
  assertThrows(() => open.read("c"), Error, 'it has no tensor "c"');
  open.close();
  await Deno.truncate(path, 100);
  assertThrows(() => openSafetensors(path), Error, `Reading ${path} failed: `);
  await Deno.remove(path);
});

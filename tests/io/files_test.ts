import { pathToFileURL } from "node:url";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { writeAtomically } from "../../lib/io/atomic_write.ts";
import { lockFile } from "../../lib/io/file_lock.ts";
import { checkWritable, checkWritableFile } from "../../lib/io/check_writable.ts";
import { readBytes, readText } from "../../lib/io/read_file.ts";
import { shownReason } from "../../lib/io/shown.ts";
import { readSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";
import { readTorchCheckpoint } from "../../lib/io/torch_checkpoint.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("writeAtomically: many writers of one path never disturb each other, and readers see whole files", async () => {
  const path = `${folder}/contended.txt`;
  const contents = Array.from({ length: 40 }, (_, i) => String(i).repeat(20_000));
  await writeAtomically(path, contents[0]);
  const reads: Promise<string>[] = [];
  await Promise.all(contents.map(async (content) => {
    await writeAtomically(path, content);
    reads.push(Deno.readTextFile(path));
  }));
  for (const read of await Promise.all(reads)) assert(contents.includes(read), "a torn file");
  assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".part")), []);
});

Deno.test("lockFile: one holder at a time, in one process and between two, and a dead process holds nothing", async () => {
  const path = `${folder}/checkpoint`;
  {
    using _lock = await lockFile(path, "Training");
    await assertRejects(() => lockFile(path, "Training"), Error, "Training failed: another process is at work on ");
  }
  const script = `
    import { lockFile } from ${JSON.stringify(new URL("../../lib/io/file_lock.ts", import.meta.url).href)};
    await lockFile(Deno.args[0], "Training");
    console.log("held");
    setInterval(() => {}, 1000);
  `;
  await Deno.writeTextFile(`${folder}/hold.ts`, script);
  const other = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-write", "--no-check", "--no-config", `${folder}/hold.ts`, path],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = other.stdout.getReader();
  await reader.read();
  await assertRejects(() => lockFile(path, "Training"), Error, "wait for it, stop it, or choose another path");
  other.kill("SIGKILL");
  await other.status;
  await reader.cancel();
  (await lockFile(path, "Training")).release();
});

Deno.test("readBytes and readText: a file's content, or a sentence that names what is missing", async () => {
  const path = `${folder}/bytes #1`, missing = pathToFileURL(`${folder}/none`);
  await Deno.writeFile(path, Uint8Array.of(0xef, 0xbb, 0xbf, 65));
  assertEquals([...await readBytes("numbers", pathToFileURL(path))], [0xef, 0xbb, 0xbf, 65]);
  assertEquals(await readText("letters", pathToFileURL(path)), "A");
  for (const read of [readBytes, readText]) {
    const { message } = await assertRejects(() => read("letters", missing, "; write one"), Error);
    assertEquals(message, `Reading letters failed: there is no file ${folder}/none; write one.`);
  }
});

Deno.test("checkWritable: takes a URL as a path, and a file in its place is said", async () => {
  const taken = `${folder}/taken`, inner = pathToFileURL(`${folder}/not yet/inner`);
  await Deno.writeTextFile(taken, "");
  await checkWritable(inner);
  await checkWritableFile(pathToFileURL(`${folder}/not yet/a.txt`));
  await assertRejects(() => Deno.stat(`${folder}/not yet`), Deno.errors.NotFound);
  await assertRejects(
    () => checkWritable(pathToFileURL(taken)),
    Error,
    `Writing into the folder ${taken} failed: it is a file; name another.`,
  );
});

Deno.test("shownReason: what the system adds to its errors is left out", async () => {
  const error = await assertRejects(() => Deno.readFile(folder));
  assertEquals(shownReason(error), "Is a directory");
  assertEquals(shownReason(new Error(" two\n lines ")), "two lines");
});

Deno.test("readSafetensors: a changed number, name, shape or metadata is refused by the checksum", () => {
  const bytes = writeSafetensors({ a: { shape: [3], values: Float32Array.of(1, 2, 3) } }, { key: "k" });
  assertEquals(readSafetensors(bytes, "f").metadata, { key: "k" });
  for (const [from, to] of [["k", "q"], ["a", "b"]]) {
    const text = new TextDecoder("latin1").decode(bytes).replace(`"${from}"`, `"${to}"`);
    const changed = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    assertThrows(() => readSafetensors(changed, "f"), Error, "its checksum does not match");
  }
  const flipped = bytes.slice();
  flipped[flipped.length - 1] ^= 1;
  assertThrows(() => readSafetensors(flipped, "f"), Error, "f failed: its checksum does not match: it is damaged");
  // A file of another program has no checksum and is read.
  const foreign = `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`.padEnd(56);
  const plain = new Uint8Array(8 + 56 + 4);
  plain[0] = 56;
  plain.set(new TextEncoder().encode(foreign), 8);
  assertEquals(readSafetensors(plain, "f").arrays.a.values, Float32Array.of(0));
  const odd = new TextEncoder().encode(`{"__metadata__":null}`.padEnd(24));
  assertThrows(
    () => readSafetensors(Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0, ...odd), "f"),
    Error,
    "no object of strings",
  );
});

Deno.test("readTorchCheckpoint: a flipped bit of a tensor is refused by the archive's own CRC-32", async () => {
  const bytes = await Deno.readFile(new URL("../goldens/lincir.pt", import.meta.url));
  readTorchCheckpoint(bytes, "p");
  let damaged = 0;
  for (let at = 0; at < bytes.length; at += 7) {
    const flipped = bytes.slice();
    flipped[at] ^= 4;
    try {
      readTorchCheckpoint(flipped, "p");
    } catch (error) {
      assert((error as Error).message.startsWith("Reading p failed: "));
      if ((error as Error).message.includes("the checksum does not match")) damaged++;
    }
  }
  assert(damaged > 50, `only ${damaged} were found by their checksum`);
});

Deno.test("readText: a byte-order mark is no text, and other encodings are refused by name", async () => {
  const write = async (bytes: number[]) => {
    await Deno.writeFile(`${folder}/t.txt`, Uint8Array.from(bytes));
    return await readText("captions", `${folder}/t.txt`);
  };
  assertEquals(await write([0xef, 0xbb, 0xbf, 0x61]), "a");
  await assertRejects(() => write([0xff, 0xfe, 0x61, 0]), Error, "it is UTF-16 text; save it as UTF-8");
  await assertRejects(() => write([0x63, 0x61, 0x66, 0xe9]), Error, "it is not UTF-8 text; save it as UTF-8");
});

Deno.test("lockFile: what the disk refuses is one sentence about the lock, and nothing stays open", async () => {
  await Deno.writeTextFile(`${folder}/plain`, "no folder");
  const error = await assertRejects(
    () => lockFile(`${folder}/plain/demo`, "The demo"),
    Error,
    `The demo failed: the lock ${folder}/plain/demo.lock cannot be taken: `,
  );
  assertEquals(error.message.match(/may it be written\?$/)?.length, 1);
  assert(error.cause instanceof Error);
});

Deno.test("lockFile: a lock whose file is gone is released, and does not hide its holder's error", async () => {
  const path = `${folder}/vanishing`;
  const error = await assertRejects(async () => {
    using _lock = await lockFile(path, "Training");
    await Deno.remove(`${path}.lock`);
    throw new Error("the loss is NaN");
  }, Error);
  assertEquals(error.message, "the loss is NaN");
  (await lockFile(path, "Training")).release();
});

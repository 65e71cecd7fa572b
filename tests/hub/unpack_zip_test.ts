import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { unpackZip } from "../../lib/hub/unpack_zip.ts";
import { type MadeEntry, madeZip } from "./made_zip.ts";
import { bytes, pathsBelow } from "./miniature_hub.ts";

/** Writes an archive beside the folder `out` and runs `use`. */
async function archived(
  archive: Uint8Array,
  use: (zip: string, out: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir(), zip = `${folder}/a.zip`;
  await Deno.writeFile(zip, archive);
  try {
    await use(zip, `${folder}/out`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const honest: MadeEntry[] = [
  { name: "images/", content: "", mode: 0o040755 },
  { name: "images/1.jpg", content: bytes(200_000, 1) },
  { name: "images/ü 2.jpg", content: bytes(30, 2) },
  { name: "notes.txt", content: "" },
];

Deno.test("unpackZip: files, folders and an empty file, byte for byte, with progress to the end", async () => {
  await archived(madeZip(honest), async (zip, out) => {
    const news: number[][] = [];
    const names = await unpackZip(zip, out, { onProgress: (done, total) => news.push([done, total]) });
    assertEquals(names, ["images/1.jpg", "images/ü 2.jpg", "notes.txt"]);
    assertEquals(pathsBelow(out), ["images", "images/1.jpg", "images/ü 2.jpg", "notes.txt"]);
    assertEquals(await Deno.readFile(`${out}/images/1.jpg`), bytes(200_000, 1));
    assertEquals(news, [[200_000, 200_030], [200_030, 200_030], [200_030, 200_030]]);
  });
});

Deno.test("unpackZip: goes on where it was stopped: whole files stay, half ones are written anew", async () => {
  await archived(madeZip(honest), async (zip, out) => {
    await unpackZip(zip, out);
    await Deno.remove(`${out}/images/ü 2.jpg`);
    await Deno.writeFile(`${out}/images/ü 2.jpg.part`, new Uint8Array(7));
    await Deno.writeFile(`${out}/notes.txt`, new Uint8Array(7));
    const before = (await Deno.stat(`${out}/images/1.jpg`)).ino;
    await unpackZip(zip, out);
    assertEquals((await Deno.stat(`${out}/images/1.jpg`)).ino, before);
    assertEquals(await Deno.readFile(`${out}/images/ü 2.jpg`), bytes(30, 2));
    assertEquals((await Deno.stat(`${out}/notes.txt`)).size, 0);
    assertEquals(pathsBelow(out), ["images", "images/1.jpg", "images/ü 2.jpg", "notes.txt"]);
  });
});

Deno.test("unpackZip: some entries only, and one of them that is not there", async () => {
  await archived(madeZip(honest), async (zip, out) => {
    await unpackZip(zip, out, { only: ["notes.txt"] });
    assertEquals(pathsBelow(out), ["notes.txt"]);
    await assertRejects(() => unpackZip(zip, out, { only: ["other.txt"] }), Error, "it has no other.txt");
  });
});

const first: MadeEntry = { name: "first.txt", content: "first" };
const hostile: [what: string, entries: MadeEntry[], sentence: string][] = [
  ["a name with ..", [{ name: "a/../../evil", content: "x" }], "invalid relative path"],
  ["an absolute name", [{ name: "/tmp/evil", content: "x" }], "absolute path"],
  ["a name with a drive", [{ name: "C:/evil", content: "x" }], "absolute path"],
  ["a name with backslashes", [{ name: "..\\evil", content: "x" }], "invalid characters in fileName"],
  ["a name with a control character", [{ name: "e\nvil", content: "x" }], "leaves the folder"],
  ["a name with an empty part", [{ name: "a//evil", content: "x" }], "leaves the folder"],
  ["a link", [{ name: "evil", content: "/etc/passwd", mode: 0o120777 }], "is a link or a device"],
  ["a device", [{ name: "evil", content: "", mode: 0o060644 }], "is a link or a device"],
  ["a name twice", [{ name: "FIRST.txt", content: "x" }], "appears twice"],
  ["an encrypted entry", [{ name: "evil", content: "x", flags: 1 }], "is encrypted"],
  ["a bomb", [{ name: "evil", content: new Uint8Array(5_000_000) }], "unpacks to 5000005 bytes"],
];
for (const [what, entries, sentence] of hostile) {
  Deno.test(`unpackZip: ${what} is refused before anything is written`, async () => {
    await archived(madeZip([first, ...entries]), async (zip, out) => {
      const { message } = await assertRejects(() => unpackZip(zip, out), Error);
      assertStringIncludes(message, sentence);
      assert(/^Unpacking [^\n]+; fetch it again\.$/.test(message), message);
      await assertRejects(() => Deno.stat(out), Deno.errors.NotFound);
    });
  });
}

const damaged: [what: string, entry: MadeEntry, sentence: string][] = [
  ["another checksum", { name: "evil", content: "x", crc: 7 }, "has another checksum"],
  ["more bytes than announced", { name: "evil", content: "xxxx", size: 2 }, "is damaged"],
  ["fewer bytes than announced", { name: "evil", content: "xxxx", size: 6 }, "is damaged"],
];
for (const [what, entry, sentence] of damaged) {
  Deno.test(`unpackZip: an entry with ${what} is refused; what came before it stays`, async () => {
    await archived(madeZip([first, entry]), async (zip, out) => {
      await assertRejects(() => unpackZip(zip, out), Error, sentence);
      assertEquals(pathsBelow(out), ["first.txt"]);
    });
  });
}

Deno.test("unpackZip: half an archive, and what is none, are refused", async () => {
  const whole = madeZip(honest);
  for (const archive of [whole.subarray(0, whole.length >> 1), bytes(500, 3), new Uint8Array()]) {
    await archived(archive, async (zip, out) => {
      await assertRejects(() => unpackZip(zip, out), Error, "Unpacking ");
      await assertRejects(() => Deno.stat(out), Deno.errors.NotFound);
    });
  }
});

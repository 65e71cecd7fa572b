import { assertEquals, assertRejects } from "@std/assert";
import { writeLinesAtomically } from "../../lib/io/atomic_write.ts";

Deno.test("writeLinesAtomically: all lines or none are there, whatever the lines throw", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/deep/lines.txt`;
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i} é ${"x".repeat(80)}`);
  assertEquals(await writeLinesAtomically(file, lines), 30_000);
  assertEquals(await Deno.readTextFile(file), lines.join("\n") + "\n");
  async function* broken() {
    yield* lines;
    throw new Error("the source is broken");
  }
  await assertRejects(() => writeLinesAtomically(file, broken()), Error, "the source is broken");
  assertEquals(await Deno.readTextFile(file), lines.join("\n") + "\n");
  assertEquals([...Deno.readDirSync(`${folder}/deep`)].map(({ name }) => name), ["lines.txt"]);
  assertEquals(await writeLinesAtomically(file, []), 0);
  assertEquals(await Deno.readTextFile(file), "");
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "writeLinesAtomically: what the disk refuses is one sentence with the size so far",
  ignore: Deno.build.os === "windows",
  async fn() {
    const file = await Deno.makeTempFile();
    await assertRejects(() => writeLinesAtomically(`${file}/in/a/file`, ["x"]), Error, "(0 bytes) failed: ");
    await Deno.remove(file);
  },
});

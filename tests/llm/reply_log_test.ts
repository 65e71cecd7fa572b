import { assertEquals, assertRejects } from "@std/assert";
import { openReplyLog } from "../../lib/llm/reply_log.ts";

const key = (prompt: string, seed = 1) => ({ model: "small", temperature: 0.7, seed, prompt });

async function inFolder(test: (file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await test(`${folder}/replies`);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("openReplyLog: replies are found again by everything that decides them, side by side too", async () => {
  await inFolder(async (file) => {
    {
      using log = await openReplyLog(file);
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => log.add(key(`prompt ${i}`), `reply\n"${i}" ${"x".repeat(i)}`)),
      );
      assertEquals(log.size(), 50);
    }
    using log = await openReplyLog(file);
    assertEquals(await log.find(key("prompt 7")), 'reply\n"7" xxxxxxx');
    assertEquals(await log.find(key("prompt 7", 2)), undefined);
    assertEquals(await log.find({ ...key("prompt 7"), model: "large" }), undefined);
    assertEquals(await log.find({ ...key("prompt 7"), temperature: 0 }), undefined);
  });
});

Deno.test("openReplyLog: cut at any byte, it keeps the whole lines and goes on", async () => {
  await inFolder(async (file) => {
    {
      using log = await openReplyLog(file);
      for (const prompt of ["one", "two", "three"]) await log.add(key(prompt), `a réply to ${prompt}`);
    }
    const bytes = await Deno.readFile(file);
    for (let size = 0; size < bytes.length; size++) {
      await Deno.writeFile(file, bytes.subarray(0, size));
      const whole = bytes.subarray(0, size).filter((byte) => byte === 0x0a).length;
      {
        using log = await openReplyLog(file);
        assertEquals(log.size(), whole);
        await log.add(key("four"), "anew");
      }
      using log = await openReplyLog(file);
      assertEquals([log.size(), await log.find(key("four"))], [whole + 1, "anew"]);
      if (whole > 0) assertEquals(await log.find(key("one")), "a réply to one");
    }
  });
});

Deno.test("openReplyLog: another file is refused by its line, and not a byte of it changes", async () => {
  await inFolder(async (file) => {
    for (const [content, line] of [["my notes", 1], ["{}\n", 1], ['{"key": 1, "reply": "x"}\n', 1], ['\n{"a":', 1]]) {
      await Deno.writeTextFile(file, String(content));
      await assertRejects(
        () => openReplyLog(file),
        Error,
        `Going on with replies failed: line ${line} of ${file} is not a reply; repair the file, move it away, or name ` +
          "another.",
      );
      assertEquals(await Deno.readTextFile(file), content);
    }
  });
});

Deno.test("openReplyLog: a full disk is one sentence, and the replies so far are whole", async () => {
  await inFolder(async (file) => {
    const write = Deno.FsFile.prototype.write;
    {
      using log = await openReplyLog(file);
      await log.add(key("one"), "reply");
      // The disk takes ten bytes more, and then no other.
      let room = 10;
      Deno.FsFile.prototype.write = async function (bytes) {
        if (room === 0) throw new Error("No space left on device (os error 28)");
        const count = await write.call(this, bytes.subarray(0, room));
        room -= count;
        return count;
      };
      try {
        await assertRejects(
          () => log.add(key("two"), "reply"),
          Error,
          `Writing ${file} failed: No space left on device; the 1 replies in it are kept, make room and go on.`,
        );
      } finally {
        Deno.FsFile.prototype.write = write;
      }
      await log.add(key("three"), "reply");
    }
    using log = await openReplyLog(file);
    assertEquals([log.size(), await log.find(key("two"))], [2, undefined]);
  });
});

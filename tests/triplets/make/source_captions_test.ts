import { assertEquals, assertRejects } from "@std/assert";
import { captionList, comparable } from "../../../lib/triplets/make/caption_list.ts";
import { readSourceCaptions, type SourceCaption } from "../../../lib/triplets/make/source_captions.ts";
import { withFile } from "../files.ts";

async function read(content: string | Uint8Array): Promise<SourceCaption[]> {
  const found: SourceCaption[] = [];
  await withFile(content, (file) => readSourceCaptions(file, (caption) => void found.push(caption)));
  return found;
}

Deno.test("readSourceCaptions: a caption knows its line, its index, or its own id and image", async () => {
  assertEquals(await read("A red apple \r\n\n  a dog\n"), [
    { text: "A red apple", at: { line: 1 } },
    { text: "a dog", at: { line: 3 } },
  ]);
  assertEquals(await read('\n{"caption": "A dog", "id": "x"}\n\n{"caption": "a cat", "image_id": 7}\n'), [
    { text: "A dog", at: { id: "x" } },
    { text: "a cat", at: { line: 4 }, image: 7 },
  ]);
  assertEquals(await read('["A dog", "a cat"]'), [
    { text: "A dog", at: { index: 0 } },
    { text: "a cat", at: { index: 1 } },
  ]);
  const coco = { images: [], annotations: [{ image_id: 9, id: 38, caption: "A dog." }, { caption: " " }] };
  assertEquals(await read(JSON.stringify(coco)), [{ text: "A dog.", at: { id: 38 }, image: 9 }]);
  assertEquals(await read(JSON.stringify(coco, null, 1)), [{ text: "A dog.", at: { id: 38 }, image: 9 }]);
});

Deno.test("readSourceCaptions: lines are whole wherever the file's parts end, and gzip is unpacked", async () => {
  const lines = Array.from({ length: 40_000 }, (_, i) => `caption número ${i} of a long file`);
  const text = new TextEncoder().encode(lines.join("\n"));
  assertEquals((await read(text)).map(({ text }) => text), lines);
  for (const end of ["\r\n", "\r"]) {
    const found = await read(new TextEncoder().encode(lines.join(end)));
    assertEquals(found.map(({ text }) => text), lines);
    assertEquals(found.at(-1)!.at, { line: 40_000 });
  }
  const packed = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  assertEquals((await read(packed)).at(-1), { text: lines.at(-1)!, at: { line: 40_000 } });
});

Deno.test("readSourceCaptions: what holds no captions is one sentence", async () => {
  const refusal = async (content: string | Uint8Array) =>
    (await assertRejects(() => read(content), Error)).message.replace(/\/\S*\/[^\s:]*/, "FILE");
  assertEquals(
    await refusal("<!DOCTYPE html><html><title>Log in</title></html>"),
    "Reading captions failed: FILE is a web page, such as a login or a warning that was saved in place of the file; " +
      "fetch it again.",
  );
  assertEquals(await refusal(" \n\n"), "Reading captions failed: FILE holds none; write one a line.");
  assertEquals(
    await refusal(new Uint8Array([0x61, 0x0a, 0xe9, 0x0a])),
    "Reading captions failed: FILE is not UTF-8 text after byte 0; save it as UTF-8.",
  );
  assertEquals(
    await refusal(`a dog\n${"a".repeat(10_001)}\n`),
    "Reading captions failed: a caption of FILE has 10001 letters, the most are 10000; write one a line.",
  );
});

Deno.test("captionList: what says the same is kept once, by case, spaces and the sign at the end", () => {
  const dropped = new Map<string, number>(), list = captionList(dropped);
  for (const [i, text] of ["A  dog runs.", "a dog runs", "A dog ran.", "$"].entries()) {
    list.add({ text, at: { line: i + 1 } });
  }
  assertEquals(list.captions, [
    { text: "A dog runs.", at: { line: 1 } },
    { text: "A dog ran.", at: { line: 3 } },
  ]);
  assertEquals([...dropped], [
    ["caption that says what an earlier one says", 1],
    ["caption empty after cleaning", 1],
  ]);
  assertEquals(comparable("  A <PERSON>'s  $5 hat!? "), "a person's 5 hat");
  const other = captionList(new Map());
  other.add({ text: "A dog runs.", at: { line: 1 } });
  assertEquals(other.hash() === list.hash(), false);
});

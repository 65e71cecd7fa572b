import { assertEquals, assertRejects } from "@std/assert";
import { readCaptions } from "../../lib/projection/lincir/caption_file.ts";

Deno.test("readCaptions: captions are masked, those without keyword at one word, those without any word are counted", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "A red apple\n\n  running, quickly \n!!!\nPrice: $5 for <PERSON>\n");
  const read = await readCaptions(file);
  assertEquals(read, {
    captions: [
      { caption: "a red apple", masked: "[$]" },
      { caption: "running, quickly", masked: read.captions[1].masked },
      { caption: "price: 5 for person", masked: "[$]: 5 for [$]" },
    ],
    withoutKeyword: 1,
    withoutWord: 1,
  });
  assertEquals(["[$] quickly", "running, [$]"].includes(read.captions[1].masked), true);
  // The seed alone decides the word.
  const seeds = await Promise.all(Array.from({ length: 20 }, (_, seed) => readCaptions(file, { seed })));
  assertEquals(new Set(seeds.map(({ captions }) => captions[1].masked)).size, 2);
  assertEquals(await readCaptions(file, { seed: 3 }), seeds[3]);
  await Deno.writeTextFile(file, "\n\n");
  await assertRejects(() => readCaptions(file), Error, "holds none; write one a line");
  await Deno.writeTextFile(file, "...\n");
  await assertRejects(() => readCaptions(file), Error, "none of the 1 of");
  // The released masking replaces the keyword "a" inside of words too.
  await Deno.writeTextFile(file, "a is parked\n");
  const masked = async (masking: "position" | "released") => (await readCaptions(file, { masking })).captions[0].masked;
  assertEquals([await masked("position"), await masked("released")], ["[$] is parked", "[$] is p[$]rked"]);
  await assertRejects(() => readCaptions("no/file"), Error, "no/file: there is no such file");
  await Deno.remove(file);
});

/** What is read of a text as a file. */
async function read(text: string): Promise<string[]> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, text);
  try {
    return (await readCaptions(file)).captions.map(({ caption }) => caption);
  } catch (error) {
    throw new Error((error as Error).message.replace(file, "FILE"));
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("readCaptions: COCO's JSON, a JSON list of texts and JSON lines are read for what they are", async () => {
  const expected = ["a red apple", "a dog, running"];
  const annotations = [{ image_id: 7, id: 1, caption: "A red apple\n" }, {
    image_id: 7,
    id: 2,
    caption: "A dog, running",
  }];
  const lines = annotations.map((row) => JSON.stringify(row)).join("\n");
  assertEquals(await read(JSON.stringify({ info: {}, images: [{ id: 7 }], annotations })), expected);
  assertEquals(await read(JSON.stringify({ annotations }, null, 2)), expected);
  assertEquals(await read('["A red apple", "A dog, running"]'), expected);
  assertEquals(await read(` ${JSON.stringify(annotations, null, 1)}`), expected);
  assertEquals(await read(`${lines}\n`), expected);
  assertEquals(await read(lines.replace("\n", "\r\n\r\n")), expected);
  assertEquals(await read("A red apple\r\nA dog, running\r\n"), expected);
  // A caption may hold brackets; only what begins with one is JSON.
  assertEquals(await read("A red apple [front]\n"), ["a red apple [front]"]);
});

Deno.test("readCaptions: JSON of another form is refused in one sentence, and not trained on as text", async () => {
  const others = [
    '{"images": []}',
    '{"annotations": {"a": 1}}',
    '{"annotations": [{"text": "a red apple"}]}',
    '[{"text": "a red apple"}]',
    "[1, 2]",
    '[["a red apple"]]',
    '{"text": "a red apple"}\n{"text": "a dog"}\n',
    '{"caption": "a red apple"}\n{"caption": "a dog\n',
    '["a red apple", ',
  ];
  for (const text of others) {
    const error = await assertRejects(() => read(text), Error);
    assertEquals(
      error.message,
      "Reading captions failed: FILE is JSON of an unknown form; give one caption a line, a JSON list of texts, JSON " +
        'lines with "caption", or COCO\'s {"annotations": [{"caption": ...}]}.',
      text,
    );
  }
});

Deno.test("readCaptions: one JSON line is enough, and text may begin with a bracket", async () => {
  assertEquals(await read('{"caption": "A red apple"}\n'), ["a red apple"]);
  assertEquals(await read("[laughing] a red apple\na dog\n"), ["[laughing] a red apple", "a dog"]);
});

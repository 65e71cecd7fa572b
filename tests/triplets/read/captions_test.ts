import { assertEquals, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { readCaptionIndex } from "../../../lib/triplets/read/caption_index.ts";
import { withFile } from "../files.ts";

Deno.test("readCaptionIndex: COCO, lists, lines, tables and objects are read alike, the first caption of an image", async () => {
  const coco = {
    images: [{ id: 1 }],
    annotations: [
      { id: 9, image_id: 1, caption: "A dog" },
      { id: 8, image_id: 1, caption: "a pet" },
      { id: 7, image_id: 2, caption: "a cat" },
    ],
  };
  const files: (string | Uint8Array)[] = [
    JSON.stringify(coco),
    JSON.stringify(coco, null, 2),
    JSON.stringify(coco.annotations),
    new Uint8Array(gzipSync(coco.annotations.map((row) => JSON.stringify(row)).join("\n"))),
    JSON.stringify([{ candidate: "1", captions: ["A dog", "a pet"] }, { candidate: "2", captions: ["a cat"] }]),
    JSON.stringify([{ ImageName: "1", Caption: "A dog" }, { ImageName: "1", Caption: "a pet" }, {
      ImageName: "2",
      Caption: "a cat",
    }]),
    "id,caption\n1,A dog\n1,a pet\n2,a cat\n",
    JSON.stringify({ 1: ["A dog", "a pet"], 2: "a cat" }, null, 1),
    JSON.stringify({ 1: { captions: ["A dog", "a pet"] }, 2: { caption: "a cat" } }),
  ];
  for (const content of files) {
    const { captions, further } = await withFile(content, (file) => readCaptionIndex([file]));
    assertEquals([[...captions], further], [[["1", "A dog"], ["2", "a cat"]], 1]);
  }
});

Deno.test("readCaptionIndex: files are joined; one that adds nothing, or is of another form, is refused", async () => {
  const read = (...contents: string[]) =>
    contents.reduceRight<(files: string[]) => Promise<unknown>>(
      (next, content) => (files) => withFile(content, (file) => next([...files, file])),
      async (files) => {
        try {
          return [...(await readCaptionIndex(files)).captions.keys()];
        } catch (error) {
          throw new Error((error as Error).message.replaceAll(files.at(-1)!, "FILE"));
        }
      },
    )([]);
  assertEquals(await read("id,caption\n1,a\n", "id,caption\n2,b\n"), ["1", "2"]);
  const refused: [string[], string][] = [
    [
      ["id,caption\n1,a\n", "id,caption\n1,b\n"],
      "Reading captions failed: FILE has no caption of a new image; give COCO",
    ],
    [['[{"id": 1, "caption": "a"}, {"id": 2}]'], 'row 2 of FILE is {"id":2}, without an id and its caption; give COCO'],
    [['{"annotations": [{"image_id": 1}]}'], 'annotation 1 of FILE is {"image_id":1}, without an id and its caption;'],
    [['{\n"1": 5}'], '"1" in FILE is {"id":"1","caption":5}, without an id and its caption; give COCO'],
    [["txt1,edit\na,b\nc,d\n"], 'FILE begins with {"txt1":"a","edit":"b"}; give COCO'],
    [["<html><title>Sign in</title>"], 'FILE is a web page ("Sign in")'],
    [['{\n"1": "a"'], "FILE is not JSON; fetch or make it again."],
  ];
  for (const [contents, words] of refused) await assertRejects(() => read(...contents), Error, words);
});

import { assertEquals, assertThrows } from "@std/assert";
import { namedColumns, tripletForms } from "../../../lib/triplets/read/triplet_form.ts";
import { read, withFile } from "../files.ts";

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

Deno.test("readTriplets: every published form is told by its fields, others beside them are left alone", async () => {
  const apple = { a: "A red apple", b: "make it green", c: "a green apple" };
  const ours = [["a red apple", "make it green", "a green apple"]];
  const forms: [string, string][] = [
    ["RTD / CompoDiff", lines({ reference_caption: apple.a, conditioning_caption: apple.b, target_caption: apple.c })],
    [
      "RTD / CompoDiff (conditioning)",
      // WeiMoCIR's rows: their ids are not taken for texts.
      lines({
        pairid: 1,
        reference: "dev-0",
        target: "dev-1",
        reference_caption: apple.a,
        conditioning: apple.b,
        target_caption: apple.c,
      }),
    ],
    ["InstructPix2Pix", lines({ input: apple.a, edit: apple.b, output: apple.c, url: "x" })],
    ["InstructPix2Pix (caption)", lines({ caption: apple.a, edit: apple.b, output: apple.c })],
    ["InstructPix2Pix (hub)", lines({ original_prompt: apple.a, edit_prompt: apple.b, edited_prompt: apple.c })],
    ["CoVR", `pth1,pth2,txt1,txt2,edit,scores\n1,2,${apple.a},${apple.c},${apple.b},"[0.1, 0.2]"\n`],
    ["reference, conditioning, target", lines({ reference: apple.a, conditioning: apple.b, target: apple.c, seed: 1 })],
  ];
  for (const [form, content] of forms) {
    const { texts, report } = await read(content);
    assertEquals([form, report.form, texts], [form, form, ours]);
  }
});

Deno.test("readTriplets: forms that name images are joined with captions, the first of each image", async () => {
  const captions = JSON.stringify({
    info: {},
    annotations: [
      { image_id: 7, id: 1, caption: "A red apple" },
      { image_id: 7, id: 2, caption: "fruit" },
      { image_id: 8, id: 3, caption: "A green apple " },
    ],
  });
  await withFile(captions, async (file) => {
    const expected = [["a red apple", "make it green", "a green apple"]];
    const forms: [string, unknown, unknown][] = [
      ["TransAgg", { 7: { tgt_image_id: "8", relative_cap: "Make it green", tgt_cap: "A green apple" } }, expected],
      ["TransAgg (list)", [{ ref_image_id: "7", relative_cap: "make it green", tgt_image_id: "8" }], expected],
      [
        "LaSCo",
        [{
          qid: 7000,
          "query-image": [7, "val2014/COCO_val2014_000000000007.jpg"],
          "query-text": "make it green",
          "target-image": [8, "val2014/COCO_val2014_000000000008.jpg"],
        }],
        expected,
      ],
      ["CIRR", [{ pairid: 1, reference: "7", caption: "make it green", target_hard: "8" }], expected],
      [
        "CIRCO",
        [{ id: 0, reference_img_id: 7, target_img_id: 8, relative_caption: "make it green", gt_img_ids: [8] }],
        expected,
      ],
      ["Shoes", [{ ImageName: "8", ReferenceImageName: "7", RelativeCaption: "make it green" }], expected],
    ];
    for (const [form, json, texts] of forms) {
      const found = await read(JSON.stringify(json), { captions: file });
      assertEquals([form, found.report.form, found.texts], [form, form, texts]);
      assertEquals(found.report.captions, { images: 2, further: 1 });
    }
    assertEquals(forms.length + 7, tripletForms.length, "a form has no test");
  });
});

Deno.test("readTriplets: any file is read by the names of its columns, and ids by names with @", async () => {
  const columns = "reference=before, conditioning=the text,target=after";
  const csv = 'id,before,after,the text\n1,"a dog, asleep",a cat,"as ""cat"""\n';
  const expected = [["a dog, asleep", 'as "cat"', "a cat"]];
  assertEquals((await read(csv, { columns })).texts, expected);
  assertEquals((await read(csv.replaceAll("\n", "\r\n"), { columns })).texts, expected);
  const tsv = 'before\tthe text\tafter\na dog, asleep\tas "cat"\ta cat\n';
  assertEquals((await read(tsv, { columns })).report.kind, "TSV");
  assertEquals((await read(tsv, { columns })).texts, expected);
  const json = [{ before: "a dog, asleep", "the text": 'as "cat"', after: "a cat" }];
  assertEquals((await read(JSON.stringify(json, null, 2), { columns })).texts, expected);
  await withFile("id,caption\nx1,A dog\n", async (file) => {
    const joined = await read(lines({ image: "x1", text: "as cat", target: "a cat" }), {
      columns: "reference=@image,conditioning=text,target=target",
      captions: [file],
    });
    assertEquals(joined.texts, [["a dog", "as cat", "a cat"]]);
    assertEquals(joined.report.columns, { reference: "@image", conditioning: "text", target: "target" });
  });
});

Deno.test("namedColumns: names that are missing, unknown or given twice are refused in one sentence", () => {
  const refused: [string, string][] = [
    ["reference=a,conditioning=b", '"reference=a,conditioning=b" does not name target; write reference=NAME'],
    ["reference=a,conditioning=b,goal=c", '"reference=a,conditioning=b,goal=c" names "goal"; write'],
    ["a,b,c", '"a,b,c" names "a"; write'],
    ["reference=a,reference=b,target=c", '"reference=a,reference=b,target=c" names reference twice; write'],
    ["reference=,conditioning=b,target=c", "gives no name for reference; write"],
    ["reference=@,conditioning=b,target=c", "gives no name for reference; write"],
  ];
  for (const [spec, words] of refused) {
    assertThrows(() => namedColumns(spec), Error, words);
  }
});

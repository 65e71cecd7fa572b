import { assertEquals } from "@std/assert";
import { parseLabel, plainText } from "../../../lib/emoji/data/labels.ts";

Deno.test("parseLabel: labels come apart into a family and attributes", () => {
  const cases: [string, string, Record<string, string>][] = [
    ["woman running: dark skin tone", "@ running", { gender: "woman", tone: "dark skin tone" }],
    ["person walking: light skin tone, facing right", "@ walking", {
      gender: "person",
      tone: "light skin tone",
      direction: "facing right",
    }],
    ["man: medium skin tone, red hair", "@", { gender: "man", tone: "medium skin tone", hair: "red hair" }],
    ["men holding hands: dark skin tone, light skin tone", "@@ holding hands", {
      gender: "men",
      tone: "dark skin tone and light skin tone",
    }],
    ["woman and man holding hands", "@@ holding hands", { gender: "woman and man" }],
    ["kiss: woman, man, light skin tone, dark skin tone", "kiss", {
      gender: "woman and man",
      tone: "light skin tone and dark skin tone",
    }],
    ["large blue diamond", "% # diamond", { size: "large", colour: "blue" }],
    ["light blue heart", "# heart", { colour: "light blue" }],
    ["family: man, woman, boy", "family: man, woman, boy", {}],
    ["keycap: 3", "keycap: 3", {}],
    ["snowman", "snowman", {}],
    ["small airplane", "small airplane", {}],
  ];
  for (const [label, family, values] of cases) assertEquals(parseLabel(label), { family, values }, label);
});

Deno.test("plainText: captions are plain words", () => {
  assertEquals(plainText("man’s shoe"), "mans shoe");
  assertEquals(plainText("Piñata: “new”, & 1st"), "pinata new 1st");
  assertEquals(plainText("keycap: *"), "keycap asterisk");
});

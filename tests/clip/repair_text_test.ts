/** Texts are repaired as by Python's ftfy and html, which OpenAI's tokenizer calls. */
import { assertEquals } from "@std/assert";
import { repairText } from "../../lib/clip/model/repair_text.ts";
import { readGolden } from "../golden.ts";

interface Repaired {
  text: string;
  repaired: string;
}

const golden = readGolden<{ cases: Repaired[]; real: { texts: number; changed: Repaired[] } }>("repaired_texts.json");
const data = new URL("../../../shared/data/", import.meta.url);
const isDataThere = await Deno.stat(data).then(() => true, () => false);

for (const { text, repaired } of golden.cases) {
  Deno.test(`repairText: as ftfy and html repair it (${JSON.stringify(text)})`, () => {
    assertEquals(repairText(text), repaired);
  });
}

/** The files below a folder. */
function* files(folder: URL): Iterable<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* files(new URL(`${name}/`, folder));
    else yield new URL(encodeURIComponent(name), folder);
  }
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

Deno.test({
  name: `repairText: of all real texts it changes those that ftfy changes, and no other${
    isDataThere ? "" : " (skipped: ../shared/data is absent)"
  }`,
  ignore: !isDataThere,
  fn() {
    const texts = new Set<string>();
    for (const file of files(data)) {
      const read = () => Deno.readTextFileSync(file), lines = () => read().split("\n");
      const found = file.pathname.endsWith(".json")
        ? strings(JSON.parse(read()))
        : file.pathname.endsWith(".jsonl")
        ? lines().filter((line) => line.trim() !== "").flatMap((line) => strings(JSON.parse(line)))
        : file.pathname.endsWith(".txt")
        ? lines().map((line) => line.trim())
        : [];
      for (const text of found) texts.add(text);
    }
    const { texts: count, changed } = golden.real;
    assertEquals(texts.size, count);
    const found = [...texts].map((text) => ({ text, repaired: repairText(text) }))
      .filter(({ text, repaired }) => repaired !== text.normalize("NFC"));
    assertEquals(found, changed);
  },
});

import { assertEquals } from "@std/assert";
import { writeAtomically } from "../../lib/io/atomic_write.ts";
import { removeLeftoverParts } from "../../lib/io/leftover_parts.ts";

Deno.test("removeLeftoverParts: parts of a killed writer alone, in the folder alone", async () => {
  const folder = await Deno.makeTempDir(), kept = ["a.json", "b.part", "inner/c.json.7-1.part"];
  for (const name of [...kept, "a.json.123-4.part"]) await writeAtomically(`${folder}/${name}`, "x");
  await removeLeftoverParts(folder);
  const names = [...Deno.readDirSync(folder), ...Deno.readDirSync(`${folder}/inner`)].map(({ name }) => name);
  assertEquals(names.sort(), ["a.json", "b.part", "c.json.7-1.part", "inner"]);
  await Deno.remove(folder, { recursive: true });
});

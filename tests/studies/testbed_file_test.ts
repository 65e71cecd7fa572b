import { assertEquals, assertRejects } from "@std/assert";
import { benchmarkNames } from "../../lib/benchmarks/benchmark.ts";
import { wordings } from "../../lib/benchmarks/wording.ts";
import { faults } from "../../lib/io/faults.ts";
import { type Schema, schemaFaults } from "../../lib/io/schema_faults.ts";
import { phiMethods } from "../../lib/projection/fit_phi.ts";
import schema from "../../lib/studies/testbed.schema.json" with { type: "json" };
import {
  type BenchmarkEntry,
  type ClipEntry,
  type NaiveEntry,
  type PhiEntry,
  readTestbedFile,
  type TestbedFile,
  type TripletsEntry,
} from "../../lib/studies/testbed_file.ts";

/** One of each with every key: the compiler refuses one that is missing or unknown to the types. */
const naive: Required<NaiveEntry> = {
  ...{ loss: "SEARLE", captions: "corpus.txt", images: "images", phrases: "phrases.json", batch: 2 },
};
const phi: Required<PhiEntry> = { name: "LinCIR", file: "/models/phi.pt", naive };
const clip: Required<ClipEntry> = {
  ...{ name: "large", folder: "clip", backbone: "ViT-L/14", targetPad: 1.25 },
  ...{ phis: [phi], pseudoTokens: { cirr: "oti.safetensors" } },
};
const triplets: Required<TripletsEntry> = {
  ...{ name: "rule", about: "made", file: "t.csv", columns: "reference=a", captions: ["c.json"] },
};
const benchmark: Required<BenchmarkEntry> = {
  ...{ name: "CIRR", benchmark: "cirr", split: "val", folder: "CIRR", headline: "R@5", captions: "c.json" },
  ...{ captionsForImages: true, counts: "as-found", limit: 3, allowMissing: true, wording: "paper" },
};
const every: Required<TestbedFile> = {
  ...{ $schema: "s.json", name: "n", about: "a", recipe: { steps: 3 }, cache: "f" },
  ...{ clips: [clip], triplets: [triplets], keptCaptions: "c.txt", benchmarks: [benchmark] },
};

Deno.test("testbed.schema.json: has the keys of the types, and their choices", () => {
  const keys = (part: object) => Object.keys(part).sort(), { clip: ofClip, ...parts } = schema.$defs;
  assertEquals(keys(schema.properties), keys(every));
  assertEquals(keys(ofClip.properties), keys(clip));
  for (const [name, value] of Object.entries({ phi, naive, triplets, benchmark })) {
    assertEquals(keys(parts[name as keyof typeof parts].properties), keys(value), name);
  }
  assertEquals(schema.$defs.benchmark.properties.benchmark.enum, [...benchmarkNames]);
  assertEquals(schema.$defs.naive.properties.loss.enum, [...phiMethods]);
  assertEquals(schema.$defs.benchmark.properties.wording.enum, [...wordings]);
  assertEquals(schemaFaults(every, schema as Schema), []);
});

Deno.test("testbed.schema.json: the example of docs/studies.md is of it", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/studies.md", import.meta.url));
  const [, example] = text.match(/```json\n([\s\S]*?)```/)!;
  assertEquals(schemaFaults(JSON.parse(example), schema as Schema), []);
});

Deno.test("readTestbedFile: paths are relative to the file, absolute ones stay", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/testbed.json`;
  const read = async (value: unknown) => {
    await Deno.writeTextFile(path, typeof value === "string" ? value : JSON.stringify(value));
    const found = faults(), { file, whole } = await readTestbedFile(path, found);
    found.throwIfAny("Opening");
    assertEquals(whole, true);
    return file;
  };
  const file = await read(every), [large] = file.clips;
  assertEquals([file.cache, large.folder, large.phis[0].file], [`${folder}/f`, `${folder}/clip`, "/models/phi.pt"]);
  assertEquals(large.phis[0].naive, {
    ...naive,
    ...{ captions: `${folder}/corpus.txt`, images: `${folder}/images`, phrases: `${folder}/phrases.json` },
  });
  assertEquals(large.pseudoTokens, { cirr: `${folder}/oti.safetensors` });
  assertEquals(file.triplets[0].captions, [`${folder}/c.json`]);
  assertEquals([file.benchmarks[0].folder, file.benchmarks[0].captions], [`${folder}/CIRR`, `${folder}/c.json`]);
  await assertRejects(() => read("{"), Error, "it is no JSON");
  await assertRejects(() => read([]), Error, "the file is [], expected an object.");
  await assertRejects(
    () => read({ ...every, clips: [clip, clip] }),
    Error,
    'two CLIPs are called "large"; give each a name of its own',
  );
  // The split that is meant where none is named.
  const first = { benchmark: "circo", folder: "CIRCO" };
  await assertRejects(
    () => read({ ...every, benchmarks: [first, { ...first, split: "val" }] }),
    Error,
    'two benchmarks are called "circo val"',
  );
  await Deno.remove(folder, { recursive: true });
});

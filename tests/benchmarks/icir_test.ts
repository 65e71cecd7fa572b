import { assertEquals, assertRejects } from "@std/assert";
import type { BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { checkImages } from "../../lib/benchmarks/image_check.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { fuzz, mutateBytes } from "../io/fuzz.ts";
import { icirInstances, makeIcir, sizes } from "./miniature.ts";

const good = {
  query: ["query/a/q1.jpg,at night,a", "query/a/q1.jpg,from above,a", "query/b/q1.jpg,at night,b"],
  database: [
    "database/a/at_night/p1.jpg,at night,a",
    "database/a/at_night/p2.jpg,at night,a",
    "database/a/from_above/p1.jpg,from above,a",
    "database/a/hn/n1.jpg,,a",
    "database/b/at_night/p1.jpg,at night,b",
    "database/b/hn/n1.jpg,of another kind,b",
  ],
};
type Lists = typeof good;

/** Reads lists that are written into a folder of their own. */
async function read(
  { query, database }: Lists,
  { end = "\n", counts = "as-found" as "as-found" | "published" } = {},
): Promise<BenchmarkPart> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/query_files.csv`, query.map((line) => line + end).join(""));
    await Deno.writeTextFile(`${root}/database_files.csv`, database.map((line) => line + end).join(""));
    return (await openBenchmark({ benchmark: "icir", root, split: "test", counts }))[0];
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The messages of the faults of two lists, without their folder. */
async function faultsOf(change: (lists: Lists) => Partial<Lists>): Promise<string[]> {
  const error = await assertRejects(() => read({ ...good, ...change(structuredClone(good)) }), Error);
  const all: Error[] = error instanceof AggregateError ? error.errors : [error];
  return all.map(({ message }) => message.replace(/^Reading \S+\/(\w+\.csv) failed: /, "$1: "));
}

Deno.test("openBenchmark: i-CIR is one part, in which each query ranks the database of its instance", async () => {
  const part = await read(good);
  assertEquals([part.benchmark, part.split, part.part, part.ownGalleries], ["icir", "test", "icir", undefined]);
  const ids = good.database.map((line) => line.split(",")[0]);
  assertEquals(part.gallery, ids);
  assertEquals([...part.galleries!], [["a", ids.slice(0, 4)], ["b", ids.slice(4)]]);
  assertEquals(
    part.queries,
    [
      ["query/a/q1.jpg", "at night", ids.slice(0, 2), "a"],
      ["query/a/q1.jpg", "from above", [ids[2]], "a"],
      ["query/b/q1.jpg", "at night", [ids[4]], "b"],
    ].map(([reference, text, targets, gallery], i) => ({
      ...{ id: String(i), reference: reference as string, texts: [text as string], targets: targets as string[] },
      ...{ excluded: [], gallery: gallery as string },
    })),
  );
  assertEquals(part.images.get("query/b/q1.jpg"), { paths: ["query/b/q1.jpg"] });
  assertEquals(part.images.size, 8);
});

Deno.test("openBenchmark: i-CIR's lists may have Windows line ends, quoted commas, and paths from the folder above", async () => {
  const plain = await read(good);
  assertEquals(await read(good, { end: "\r\n" }), plain);
  const quoted = await read({
    query: ['query/a/q1.jpg,"at night, ""late""",a'],
    database: ['database/a/p1.jpg,"at night, ""late""",a', "database/a/n.jpg,at night,a"],
  });
  assertEquals(quoted.queries[0].texts, ['at night, "late"']);
  assertEquals(quoted.queries[0].targets, ["database/a/p1.jpg"]);
  const above = (lines: string[]) => lines.map((line) => `icir/${line}`);
  const fromAbove = await read({ query: above(good.query), database: above(good.database) });
  assertEquals(fromAbove.queries, plain.queries);
  assertEquals(fromAbove.images.get("query/a/q1.jpg"), { paths: ["query/a/q1.jpg", "icir/query/a/q1.jpg"] });
});

Deno.test("openBenchmark: a database of i-CIR without a query is left out, and an image may be in two", async () => {
  const { gallery, galleries, images } = await read({
    ...good,
    query: good.query.slice(0, 2),
    database: [...good.database, "database/b/hn/n1.jpg,,a"],
  });
  assertEquals([gallery.length, [...galleries!.keys()], images.size], [5, ["a"], 6]);
  const shared = await read({ ...good, database: [...good.database, "database/b/hn/n1.jpg,,a"] });
  assertEquals([shared.gallery.length, ...[...shared.galleries!.values()].map((ids) => ids.length)], [6, 5, 2]);
});

Deno.test("openBenchmark: each fault of i-CIR's lists is one sentence", async () => {
  const again = "is it another version?";
  assertEquals(await faultsOf(({ database }) => ({ database: [...database, database[1]] })), [
    `database_files.csv: line 7 is the image "database/a/at_night/p2.jpg" of "a" again, after line 2; ${again}`,
  ]);
  assertEquals(await faultsOf(({ database }) => ({ database: [...database, "./database/a/hn/n1.jpg,at night,a"] })), [
    `database_files.csv: line 7 is the image "./database/a/hn/n1.jpg" of "a" again, after line 4; ${again}`,
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, query[0], query[2]] })), [
    `query_files.csv: line 4 is the query "query/a/q1.jpg" of "a" again, after line 1 (and 1 more line is alike); ${again}`,
  ]);
  const expected = "expected are 3 (image_path,text_query,instance_id)";
  const advice = "quote a text that contains a comma, and leave other columns out";
  assertEquals(await faultsOf(({ query }) => ({ query: query.map((line) => `${line},0.5`) })), [
    `query_files.csv: line 1, and 2 more after it, has 4 fields, ${expected}: ["query/a/q1.jpg","at night","a","0.5"]; ${advice}.`,
  ]);
  assertEquals(await faultsOf(({ database }) => ({ database: ["database/a/p.jpg", ...database] })), [
    `database_files.csv: line 1 has 1 field, ${expected}: ["database/a/p.jpg"]; ${advice}.`,
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: ["image_path,text_query,instance_id", ...query] })), [
    'query_files.csv: line 1 is "image_path,text_query,instance_id", which is no image but a header; the lists have ' +
    "none: remove it.",
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, "query/c/q1.jpg,at night,c"] })), [
    `query_files.csv: line 4 is of the instance "c", which has no image in database_files.csv; ${again}`,
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, "query/b/q1.jpg,from above,b"] })), [
    `query_files.csv: line 4 has no correct image: none of "b" has the text "from above"; ${again}`,
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, ",at night,b", "query/b/q1.jpg,at night,"] })), [
    "query_files.csv: line 4, and 1 more after it, has no image or no instance; expected is " +
    "image_path,text_query,instance_id.",
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, "query/a/q1.jpg,,a"] })), [
    `query_files.csv: line 4 has no text; ${again}`,
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, 'query/a/q1.jpg,"at night,a'] })), [
    "query_files.csv: line 4 opens a quote that is not closed; fetch or make the file again.",
  ]);
  assertEquals(await faultsOf(() => ({ database: [] })), [
    "database_files.csv: it has no row; expected is image_path,text_query,instance_id.",
  ]);
  assertEquals(await faultsOf(({ query }) => ({ query: [...query, "../q1.jpg,at night,a"] })), [
    'Reading icir test failed: the path "../q1.jpg" of the image "../q1.jpg" leaves the benchmark\'s folder.',
  ]);
  const own = await faultsOf(({ query }) => ({ query: [...query, "database/a/at_night/p1.jpg,at night,a"] }));
  assertEquals(own, [
    'Reading icir test failed: the target "database/a/at_night/p1.jpg" of query 3 is its own reference, or excluded.',
  ]);
});

Deno.test("openBenchmark: the faults of both of i-CIR's lists are told together", async () => {
  const found = await faultsOf(({ query, database }) => ({
    query: ["path,text,instance", ...query, "query/a/q1.jpg,at night, late,a", query[0]],
    database: [...database, database[0]],
  }));
  assertEquals(found.map((message) => message.slice(0, 40)), [
    'query_files.csv: line 1 is "path,text,in',
    "query_files.csv: line 5 has 4 fields, ex",
    'query_files.csv: line 6 is the query "qu',
    "database_files.csv: line 7 is the image ",
  ]);
  const error = await assertRejects(() => read({ query: [""], database: ["x"] }), AggregateError);
  // One line, as all messages of files are.
  assertEquals(error.message, error.errors.map(({ message }) => message).join(" "));
});

Deno.test("openBenchmark: i-CIR's lists that are missing are told, and where they are the hub's copy", async () => {
  const root = await Deno.makeTempDir();
  const open = () => openBenchmark({ benchmark: "icir", root, split: "test", counts: "as-found" });
  const sentence = (name: string, more = "") =>
    `Reading ${root}/${name}_files.csv failed: there is no such file${more}; README.md says which layout is expected.`;
  await assertRejects(open, Error, `${sentence("query")} ${sentence("database")}`);
  await Deno.mkdir(`${root}/annotations`);
  await Deno.writeTextFile(`${root}/annotations/query_files.csv`, good.query.join("\n"));
  const shards = ", but one in annotations/, as in the copy on the hub, whose shards are not read";
  await assertRejects(open, Error, `${sentence("query", shards)} ${sentence("database")}`);
  await Deno.writeFile(`${root}/query_files.csv`, Uint8Array.of(0xff, 0xfe, 0x5b, 0));
  await assertRejects(open, Error, `${root}/query_files.csv failed: it is UTF-16 text; save it as UTF-8.`);
  await Deno.remove(root, { recursive: true });
});

Deno.test("openBenchmark: i-CIR's published counts are compared, and it has no other split", async () => {
  await assertRejects(
    () => read(good, { counts: "published" }),
    Error,
    "Reading i-CIR test failed: it has 3 queries, published are 1883; is it another version?",
  );
  await assertRejects(
    () => openBenchmark({ benchmark: "icir", root: "nowhere", split: "val" }),
    Error,
    'Reading icir failed: there is no split "val"; there are test.',
  );
  // Made lists of the published size: 202 instances, and 1,883 queries over them.
  const query = Array.from({ length: 1883 }, (_, i) => `query/${i % 202}/${i}.jpg,at night,instance ${i % 202}`);
  const database = Array.from({ length: 202 }, (_, i) => `database/${i}/1.jpg,at night,instance ${i}`);
  assertEquals((await read({ query, database }, { counts: "published" })).galleries!.size, 202);
  await assertRejects(
    () => read({ query, database: [...database, "database/x/1.jpg,,x"] }, { counts: "published" }),
    Error,
    "it has 203 databases of instances, published are 202",
  );
});

Deno.test("openBenchmark: i-CIR in small, with an image missing; mutated lists are read or refused in one sentence", async () => {
  const root = await Deno.makeTempDir();
  await makeIcir(root);
  const open = () => openBenchmark({ benchmark: "icir", root, split: "test", counts: "as-found" });
  const parts = await open(), [{ queries, galleries, images }] = parts;
  assertEquals([queries.length, [...galleries!.keys()]], [sizes.queries, icirInstances]);
  assertEquals((await checkImages(root, parts)).found.length, images.size);
  await Deno.remove(`${root}/${queries[0].targets[0]}`);
  assertEquals((await checkImages(root, parts)).missing, [queries[0].targets[0]]);
  for (const [i, file] of ["query_files.csv", "database_files.csv"].entries()) {
    const path = `${root}/${file}`, whole = await Deno.readFile(path);
    const read = async (bytes: Uint8Array) => {
      await Deno.writeFile(path, bytes);
      // Several faults are several sentences.
      await open().catch((error) => {
        throw error instanceof AggregateError ? error.errors[0] : error;
      });
    };
    await fuzz({ file: "Reading ", rounds: 150, seed: 30 + i, read, corpus: [whole], mutate: mutateBytes });
    await Deno.writeFile(path, whole);
  }
  await Deno.remove(root, { recursive: true });
});

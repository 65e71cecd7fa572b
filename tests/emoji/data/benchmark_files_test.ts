import { assert, assertEquals } from "@std/assert";
import { openBenchmarkData } from "../../../lib/evaluation/benchmark_data.ts";
import { decodeImage } from "../../../lib/clip/images/decode_image.ts";
import { emojiQueries } from "../../../lib/emoji/data/benchmark.ts";
import { writeEmojiFiles } from "../../../lib/emoji/data/benchmark_files.ts";
import { loadTriplets } from "../../../lib/triplets/load_triplets.ts";
import { smallBenchmark } from "../small_benchmark.ts";

Deno.test({
  name: "writeEmojiFiles: triplets and a benchmark in CIRR's layout that the readers take",
  sanitizeResources: false,
  async fn() {
    const folder = await Deno.makeTempDir(), benchmark = await smallBenchmark(20);
    const options = { benchmark, triplets: 120, most: 10 };
    const files = await writeEmojiFiles(`${folder}/a`, options);
    const { triplets, report } = await loadTriplets(files.triplets);
    assertEquals([report.form, report.rows, triplets.length], ["RTD / CompoDiff", 120, 120]);
    const captions = new Set(
      benchmark.edits.train.flatMap(({ reference, target }) => [reference.caption, target.caption]),
    );
    for (const { reference, target } of triplets) assert(captions.has(reference) && captions.has(target));
    const data = await openBenchmarkData({ benchmark: "cirr", root: files.cirr, counts: "as-found" });
    const [part] = data.parts, expected = emojiQueries(benchmark, "validation", 10);
    assertEquals(part.queries.map(({ texts }) => texts), expected.map(({ texts }) => [texts.seen]));
    assertEquals(new Set(part.queries.map(({ group }) => group?.length)), new Set([5]));
    assertEquals(data.missing.images, 0);
    // One image of those that are the same pixel for pixel.
    const groups = new Set(benchmark.duplicates.map(([first]) => first));
    assertEquals(part.gallery.length, groups.size);
    const { width, height } = await decodeImage(await Deno.readFile(data.files[0].path), data.files[0].path);
    assertEquals([width, height], [96, 96]);
    const again = await writeEmojiFiles(`${folder}/b`, options);
    assertEquals(await Deno.readTextFile(again.triplets), await Deno.readTextFile(files.triplets));
    await Deno.remove(folder, { recursive: true });
  },
});

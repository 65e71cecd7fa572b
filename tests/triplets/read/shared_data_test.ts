import { assertEquals } from "@std/assert";
import { loadTriplets } from "../../../lib/triplets/load_triplets.ts";
import { shared, sharedIsThere, skipped, textsOf } from "../files.ts";

const weimocir = new URL("cirr-captions-WeiMoCIR-MIT/", shared), ignore = !sharedIsThere;

Deno.test({
  name:
    `readTriplets: CIRR joined with WeiMoCIR's captions gives the rows of the file that was joined by hand${skipped}`,
  ignore,
  async fn() {
    const joined = await loadTriplets(new URL("cirr-MIT/captions/cap.rc2.val.json", shared), {
      captions: new URL("cirr_labeled_images_cir_cleaned.json", weimocir),
    });
    const byHand = await loadTriplets(new URL("cirr_val_text_triplets.jsonl", weimocir));
    assertEquals(byHand.report.form, "RTD / CompoDiff (conditioning)");
    assertEquals(byHand.triplets.length, 4175);
    assertEquals(joined.report.form, "CIRR");
    assertEquals(joined.report.rows, 4181);
    assertEquals([...joined.triplets].map(textsOf), [...byHand.triplets].map(textsOf));
    assertEquals(joined.triplets.hash(), byHand.triplets.hash());
  },
});

Deno.test({
  name: `readTriplets: shoes with their captions give the 2,034 complete triplets of the data's list${skipped}`,
  ignore,
  async fn() {
    const { triplets, report } = await loadTriplets(new URL("shoes-MIT/relative_captions_shoes.json", shared), {
      captions: new URL("shoes-MIT/captions_shoes.json", shared),
    });
    assertEquals([report.rows, triplets.length], [10751, 2034]);
    assertEquals(report.captions, { images: 3600, further: 0 });
    assertEquals(report.dropped.map(({ rows }) => rows), [7472, 1245]);
  },
});

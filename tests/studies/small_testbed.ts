/** The embedded testbed over some of the families, for tests of studies. */
import { emojiTestbed } from "../../lib/studies/emoji_testbed.ts";
import type { Testbed } from "../../lib/studies/testbed.ts";
import { smallBenchmark } from "../emoji/small_benchmark.ts";

/** Makes it; with the main benchmark and one other, so that an evaluation takes little time. */
export async function smallTestbed(): Promise<Testbed> {
  const testbed = await emojiTestbed({ benchmark: await smallBenchmark(10), queries: 6 });
  return { ...testbed, recipe: { ...testbed.recipe, steps: 2, batch: 4 } };
}

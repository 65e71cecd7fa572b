/** The embedded benchmark over some of the families: drawn in a second instead of eight, and otherwise the same. */
import type { EmojiBenchmark } from "../../lib/emoji/data/benchmark.ts";
import { emojiCatalogue } from "../../lib/emoji/data/catalogue.ts";
import { imageDuplicates } from "../../lib/emoji/data/duplicates.ts";
import { listEdits } from "../../lib/emoji/data/edits.ts";
import { groupFamilies, type Split, splitFamilies } from "../../lib/emoji/data/families.ts";
import { loadIcons } from "../../lib/embedded/icons.ts";
import { drawImages } from "../../lib/emoji/data/images.ts";
import { random } from "../../lib/tensors/random.ts";

/** Makes it. @param every keeps one family of so many */
export async function smallBenchmark(every = 6): Promise<EmojiBenchmark> {
  const families = [...groupFamilies(await emojiCatalogue()).values()];
  const emoji = families.filter((_, i) => i % every === 0).flat();
  const wanted = new Set(emoji.map(({ code }) => code));
  const icons = {
    noto: await loadIcons("noto"),
    fluent: await loadIcons("fluent"),
  };
  const images = {
    noto: await drawImages(icons.noto, wanted),
    fluent: await drawImages(icons.fluent, wanted),
  };
  const shown = new Set(images.noto.codes);
  const withImage = emoji.filter(({ code }) => shown.has(code));
  const parts = splitFamilies(groupFamilies(withImage), random(0));
  const edits = (split: Split) => listEdits(withImage, parts, split);
  return {
    emoji,
    icons,
    images,
    duplicates: imageDuplicates(images.noto),
    parts,
    edits: { train: edits("train"), validation: edits("validation"), test: edits("test") },
    splitSeed: 0,
  };
}

/** `deno task fetch-model NAME`: a CLIP from the Hugging Face hub into the standard cache. */
import { fetchModel } from "../lib/hub/fetch_model.ts";
import { type Progress, progress } from "../lib/report/progress.ts";
import { fail } from "./options.ts";

try {
  const [model, revision, ...rest] = Deno.args;
  if (model === undefined || model.startsWith("-") || rest.length > 0) {
    throw new Error('Say which: "deno task fetch-model openai/clip-vit-base-patch32 [REVISION]".');
  }
  let shown: { file: string; bar: Progress } | undefined;
  const snapshot = await fetchModel(model, revision, ({ file, bytes, size }) => {
    if (shown?.file !== file) {
      shown?.bar.done();
      shown = { file, bar: progress(file) };
    }
    const mega = (count: number) => Math.round(count / 1e5) / 10;
    shown.bar.update(mega(bytes), mega(size), "MB");
  });
  shown?.bar.done();
  console.log(snapshot);
} catch (error) {
  fail(error);
}

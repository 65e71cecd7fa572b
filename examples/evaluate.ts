// Evaluates a CLIP with a phi on a benchmark, with the frozen and with a fine-tuned text encoder.
// deno run --allow-all examples/evaluate.ts cirr CIRR_FOLDER CLIP_FOLDER PHI_FILE TEXT_ENCODER [published | as-found]
import * as rtd from "../mod.ts";
import type { BenchmarkName, Counts } from "../lib/benchmarks/mod.ts";

const [benchmark, root, clipFolder, phiFile, encoderFolder, counts = "published"] = Deno.args;
await rtd.useDevice("auto");
const clip = await rtd.loadClip(clipFolder);
const { rows } = await rtd.evaluateBenchmark({
  benchmark: benchmark as BenchmarkName,
  root,
  counts: counts as Counts,
  clip,
  phi: await rtd.loadPhi(clip, phiFile),
  textEncoder: await rtd.loadTextEncoder(clip, encoderFolder),
});
for (const { name, parts } of rows) {
  for (const [part, { metrics }] of Object.entries(parts)) console.log(name, part, metrics);
}
Deno.exit(0);

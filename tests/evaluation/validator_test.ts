import { assertEquals, assertThrows } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { openBenchmark } from "../../lib/benchmarks/open_benchmark.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { openBenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import { evaluateData } from "../../lib/evaluation/evaluate_benchmark.ts";
import { metricNames, openValidator } from "../../lib/evaluation/validator.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { cirrCaptions, makeCirr, makeFashioniq } from "../benchmarks/miniature.ts";
import { device } from "../cli/run_command.ts";

Deno.test("openValidator: the figures of evaluateData, without images or captions being encoded again", async () => {
  await useDevice(device);
  const root = await Deno.makeTempDir(), cache = `${root}/cache`, { clip, phi } = await loadEmbeddedModel();
  await makeCirr(`${root}/cirr`);
  await makeFashioniq(`${root}/fashioniq`);
  // Any other text encoder: the image tower's weights and half of the projection stay.
  const textWeights = { ...clip.weights };
  textWeights["text_projection.weight"] = tf.mul(clip.weights["text_projection.weight"], [
    [1, 0.5].flatMap((x) => Array(64).fill(x)),
  ]);
  const captions = await cirrCaptions();
  for (
    const { benchmark, ...more } of [
      { benchmark: "cirr", captions: undefined },
      { benchmark: "cirr", captions },
      { benchmark: "fashioniq" },
    ] as const
  ) {
    const data = await openBenchmarkData({ benchmark, root: `${root}/${benchmark}`, counts: "as-found", ...more });
    const textEncoder = { weights: textWeights, hash: "made" };
    const { rows } = await evaluateData(data, { clip, phi, textEncoder, cache, methods: ["phi + text"] });
    const expected = rows.map(({ parts, mean }) => mean ?? Object.values(parts)[0].metrics);
    const withCaptions = data.captions !== undefined;
    for (const run of ["first", "second"]) {
      let encoded = 0;
      const onProgress = () => void encoded++;
      using validator = await openValidator(data, { clip, phi, cache, onProgress });
      assertEquals(encoded > 0, run === "first" && withCaptions, "encoded again, or not at all");
      assertEquals([await validator.validate(), await validator.validate(textWeights)], expected);
      const all = rows[1].results, some = [0, 5, 11];
      assertEquals(await validator.rank(some, textWeights), some.map((at) => all[at]));
    }
    assertEquals(Object.keys(expected[0]), metricNames(data.parts));
  }
  const secret = await openBenchmark({ benchmark: "cirr", root: `${root}/cirr`, split: "test1", counts: "as-found" });
  assertThrows(() => metricNames(secret), Error, "its targets are not public");
  await Deno.remove(root, { recursive: true });
});

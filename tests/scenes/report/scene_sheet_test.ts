import { assert, assertEquals } from "@std/assert";
import { jupyterDisplay } from "../../../lib/report/display.ts";
import { scenesBenchmark } from "../../../lib/scenes/data/benchmark.ts";
import { querySheet, sceneSheet } from "../../../lib/scenes/report/scene_sheet.ts";

const benchmark = await scenesBenchmark({ queries: 2, scenes: 60 });

Deno.test("sceneSheet: an image and a caption for each scene, as one PNG", async () => {
  const sheet = sceneSheet(benchmark, [0, 7, 9], 2);
  assertEquals(sheet.svg.match(/<image /g)?.length, 3);
  const shown = await sheet[jupyterDisplay]();
  assertEquals(shown["text/plain"], [0, 7, 9].map((i) => benchmark.captions[i]).join("; "));
  const png = Uint8Array.fromBase64(shown["image/png"] as string), view = new DataView(png.buffer);
  // Two columns of 132 pixels, at 1.3 times their size.
  assert(Math.abs(view.getUint32(16) - 264 * 1.3) < 1);
});

Deno.test("querySheet: the reference, both correct images, and the text in the wording that is asked for", async () => {
  const sheet = querySheet(benchmark, [3, 5], "unseen"), query = benchmark.queries[3];
  assertEquals(sheet.svg.match(/<image /g)?.length, 6);
  assert(sheet.svg.includes(query.aspect));
  const shown = await sheet[jupyterDisplay](), { captions } = benchmark;
  const expected = `${captions[query.reference]} + "${query.texts.unseen}" -> ${captions[query.target]}; `;
  assert((shown["text/plain"] as string).startsWith(expected));
});

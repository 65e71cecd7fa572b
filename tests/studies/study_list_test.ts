import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { table } from "../../lib/report/table.ts";
import { runStudy } from "../../lib/studies/run_study.ts";
import type { Study } from "../../lib/studies/study.ts";
import { listStudies } from "../../lib/studies/study_list.ts";
import { studyPage } from "../../lib/studies/study_page.ts";
import { smallTestbed } from "./small_testbed.ts";

const device = await useDevice("wasm"), testbed = await smallTestbed();
const study: Study = {
  name: "made",
  title: "A <made> study",
  asks: "Is 1 < 2?",
  clips: "first",
  phis: "first",
  variants: [
    { name: "RTD", training: { method: "RTD" } },
    { name: "gone", training: { method: "RTD", triplets: ["none"] } },
  ],
  more: () => [{ title: "Further & more", note: "a note", shows: table(["column"], [["cell"]]) }],
};
const longer: Study = { ...study, variants: [{ name: "longer", training: { method: "RTD", changes: { steps: 4 } } }] };

Deno.test("listStudies, studyPage: count what is cached, judge the rest by it, and show what is missing", async () => {
  const cache = await Deno.makeTempDir(), options = { seeds: [1, 2], cache };
  const [before] = await listStudies(testbed, [study], options);
  // Baselines, the frozen encoder, two seeds.
  assertEquals([before.runs, before.cached, before.notRun, before.secondsLeft], [4, 0, 1, undefined]);
  const share = await runStudy(testbed, study, { ...options, device, shard: { index: 1, of: 2 } });
  assertEquals(share.unfinished, 2);
  assertStringIncludes(await studyPage(share), "INCOMPLETE: 2 runs are not finished.");
  const whole = await runStudy(testbed, study, { ...options, device });

  const [same, more] = await listStudies(testbed, [study, longer], options);
  assertEquals([same.cached, same.secondsLeft], [4, 0]);
  assertEquals([more.runs, more.cached, more.notRun], [4, 2, 0]);
  const seconds = whole.rows.flatMap(({ finished }) => finished).map(({ seconds }) => seconds.training);
  // Two runs of twice the steps, and their evaluations.
  assert(more.secondsLeft! >= 2 * Math.min(...seconds), `${more.secondsLeft} for ${seconds}`);

  const page = await studyPage(whole);
  for (
    const text of [
      "A &lt;made&gt; study",
      "Is 1 &lt; 2?",
      "Further &amp; more",
      "a note",
      "cell",
      "Not run: small, LinCIR, gone: there are no triplets called none; there are edits, rule, difference, other domain.",
    ]
  ) assertStringIncludes(page, text);
  assert(!page.includes("INCOMPLETE"));
  await Deno.remove(cache, { recursive: true });
});

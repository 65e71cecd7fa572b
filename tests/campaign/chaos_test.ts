/** The campaign of disturbances in short. It starts programs. */
import { assert, assertEquals } from "@std/assert";
import { disturb } from "../../scripts/chaos/disturb.ts";
import { refusalFault } from "../../scripts/chaos/start_task.ts";
import { tornFiles } from "../../scripts/chaos/whole_files.ts";
import { writeSafetensors } from "../../lib/io/safetensors.ts";

// Two kills end it; the time is no bound but for a run that hangs, since a busy machine takes several times as long.
const short = { kills: 2, seconds: 600, seed: 3 };

for (const [command, ways] of [["train-phi", ["kills"]], ["fetch-model", ["kills", "two-at-once"]]] as const) {
  Deno.test(`chaos: ${command}, disturbed by ${ways.join(" and ")}, ends with the same bytes or refuses`, async () => {
    const scratch = await Deno.makeTempDir(), outcomes = await disturb(command, { ...short, scratch, ways });
    assertEquals(outcomes.flatMap(({ findings }) => findings), []);
    for (const { disturbance, tried, same } of outcomes) assert(tried > 0 && same > 0, `${disturbance}: ${tried}`);
    await Deno.remove(scratch, { recursive: true });
  });
}

Deno.test("chaos: torn files and raw errors are found", async () => {
  const folder = await Deno.makeTempDir(),
    whole = writeSafetensors({ x: { shape: [2], values: Float32Array.of(1, 2) } });
  await Deno.writeFile(`${folder}/whole.safetensors`, whole);
  await Deno.writeFile(`${folder}/torn.safetensors`, whole.slice(0, -3));
  await Deno.writeFile(`${folder}/torn.safetensors.1-2.part`, whole.slice(0, -3));
  await Deno.writeTextFile(`${folder}/torn.json`, '{"a":');
  await Deno.writeTextFile(`${folder}/torn.html`, "<html><body>");
  assertEquals(tornFiles(folder).map((torn) => torn.split(":")[0]), ["torn.html", "torn.json", "torn.safetensors"]);
  await Deno.remove(folder, { recursive: true });

  const ended = { code: 1, signal: null, out: "", err: "Reading a failed: it is gone.\n" };
  assertEquals(refusalFault(ended), undefined);
  const progress = "looking ...\nlooking [##..] 1/2  0:00 gone\n";
  assertEquals(
    refusalFault({ ...ended, err: `${progress}It failed before it began, for 2 reasons:\n  - a.\n  - b.\n` }),
    undefined,
  );
  for (
    const bad of [
      { ...ended, code: 0 },
      { ...ended, code: 139, signal: "SIGSEGV" as const },
      { ...ended, err: "error: Uncaught (in promise) TypeError: x is null\n    at file:///a.ts:1:1\n" },
      { ...ended, err: "One thing.\nAnother thing.\n" },
      { ...ended, err: "Is a directory" },
      { ...ended, err: "" },
    ]
  ) assert(refusalFault(bad) !== undefined, bad.err);
});

/** The campaign of corrupted benchmarks in short. */
import { assert, assertEquals } from "@std/assert";
import { corrupt } from "../../scripts/corrupt/campaign.ts";
import { settings } from "../../scripts/corrupt/world.ts";

Deno.test("corrupt: no figure of CIRR in small changes without an error, a hash or a stamp", async () => {
  const scratch = await Deno.makeTempDir();
  const chosen = settings.filter(({ benchmark }) => benchmark === "cirr");
  const found = await corrupt({ count: 60, seed: 4, scratch, chosen });
  const bad = found.filter(({ fate }) => fate === "changed without a trace" || fate === "raw error");
  assertEquals(bad, []);
  // The corruptions are read: some are refused, and some change figures, which leaves its trace.
  for (const expected of ["refused", "same figures", "changed with a trace"]) {
    assert(found.some(({ fate }) => fate === expected), `none ${expected}`);
  }
  await Deno.remove(scratch, { recursive: true });
});

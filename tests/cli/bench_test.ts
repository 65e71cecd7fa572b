import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startWorker } from "../../bench/workers.ts";
import { runTask } from "./run_command.ts";

const python = new URL("../../.venv/reference/bin/python", import.meta.url).pathname;
const hasPython = await Deno.stat(python).then(() => true, () => false);
const skip = hasPython ? "" : ' (skipped: no PyTorch; run "deno task reference")';

interface Record {
  fresh: {
    name: string;
    taken: { loss: number; tensors?: number; tensorPeak?: number }[];
    work: { tokens: number }[];
  }[];
  known: Record["fresh"];
  products: { gigaflops: number }[];
}

/** Runs the bench at tiny size in a folder of its own. */
async function bench(args: string[]): Promise<{ out: string; record: Record }> {
  const cwd = await Deno.makeTempDir();
  const tiny = ["--tower", "tiny", "--batch", "4", "--rounds", "2", "--device", "wasm", "--json", "bench.json"];
  // PyTorch's threads wait for each other by spinning, which lasts where other tests run.
  const { code, out, err } = await runTask("bench", [...tiny, ...args], { cwd, env: { OMP_NUM_THREADS: "1" } });
  assertEquals([code, code === 0 ? "" : err], [0, ""]);
  const record = JSON.parse(await Deno.readTextFile(`${cwd}/bench.json`));
  await Deno.remove(cwd, { recursive: true });
  return { out, record };
}

function assertSameLosses(record: Record, programs: number): void {
  for (const kind of [record.fresh, record.known]) {
    assertEquals(kind.length, programs);
    const [first, ...others] = kind.map(({ taken }) => taken.map(({ loss }) => loss));
    assertEquals(first.length, 2);
    for (const losses of others) {
      losses.forEach((loss, i) => assert(Math.abs(loss / first[i] - 1) < 1e-5, `${losses} and ${first}`));
    }
  }
}

Deno.test("bench: both encoders take the same steps, and without Python it says what is left out", async () => {
  const { out, record } = await bench([]);
  assertStringIncludes(out, "PyTorch is left out: there is no .venv/reference/bin/python");
  assertSameLosses(record, 2);
  const [packed, plain] = record.known;
  assertEquals([packed.name, plain.name], ["packed", "plain"]);
  packed.taken.forEach(({ tensorPeak }, i) => assert(tensorPeak! < plain.taken[i].tensorPeak!));
  packed.work.forEach(({ tokens }, i) => assert(tokens < plain.work[i].tokens));
  assertEquals(new Set(packed.taken.map(({ tensors }) => tensors)).size, 1, "a tensor is left behind");
  assert(record.products.length === 2 && record.products.every(({ gigaflops }) => gigaflops > 0));
});

Deno.test({
  name: `bench: PyTorch, as published and trimmed, computes the losses that this toolkit does${skip}`,
  ignore: !hasPython,
  fn: async () => assertSameLosses((await bench(["--python", python, "--of", "packed,trimmed,published"])).record, 3),
});

Deno.test("bench-large: says what is needed before, and what was measured beside it", async () => {
  const cwd = await Deno.makeTempDir();
  const args = ["--towers", "tiny", "--batch", "4", "--steps", "1", "--no-loading", "--of", "packed,recompute"];
  const { code, out, err } = await runTask("bench-large", [...args, "--device", "wasm", "--json", "large.json"], {
    cwd,
  });
  assertEquals([code, code === 0 ? "" : err], [0, ""]);
  assertStringIncludes(out, "memory needed, predicted, GB");
  const { rows } = JSON.parse(await Deno.readTextFile(`${cwd}/large.json`));
  const [packed, recomputing] = rows as { program: string; loss: number; tensorPeak: number }[];
  assertEquals([packed.program, recomputing.program], ["packed", "packed, recomputing"]);
  assertEquals(recomputing.loss, packed.loss);
  assert(recomputing.tensorPeak < packed.tensorPeak);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("startWorker: a process that ends is one sentence with its last words", async () => {
  const files = { folder: ".", steps: ".", noise: ".", batch: 1, context: 77 };
  const program = { name: "PyTorch", kind: "PyTorch", recipe: "trimmed", device: "cpu" } as const;
  const script = await Deno.makeTempFile({ suffix: ".sh" });
  await Deno.writeTextFile(script, "#!/bin/sh\necho out of luck >&2\nexit 3\n");
  await Deno.chmod(script, 0o700);
  const failed = await startWorker(program, files, { python: script }).catch((error) => error.message);
  assertEquals(failed, "Measuring PyTorch failed: its process ended with code 3; its last words: out of luck.");
  await Deno.remove(script);
});

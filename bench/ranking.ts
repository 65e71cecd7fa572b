/** `deno task bench-ranking`: CIRCO's test split in size, 800 queries over 123,403 images, here and in NumPy. */
import { command, runCommand } from "../cli/command.ts";
import { deviceOption } from "../cli/options.ts";
import { answers } from "../scripts/python.ts";

const rankingBench = command("bench-ranking", "Ranks in the size of CIRCO's test split, here and in NumPy.", [
  "deno task bench-ranking",
]).addOption(deviceOption());

await runCommand(rankingBench, async ({ device }, _args, session) => {
  const [Q, N, P] = [800, 123_403, 768];
  const folder = await Deno.makeTempDir();
  const script = ["bench/ranking.py", folder, String(Q), String(N), String(P)];
  const python = ".venv/reference/bin/python";
  // The first run makes the arrays, the second ranks.
  await answers(python, script);
  const printed = await answers(python, script);
  if (printed === undefined) throw new Error('Running NumPy failed: run "deno task reference" first.');
  const [theirSeconds, theirPeak] = printed.split(" ");

  const tf = await import("../lib/tensors/tf.ts");
  const { rankGallery } = await import("../lib/evaluation/ranking.ts");
  const { table } = await import("../lib/report/table.ts");
  await session.device(device);
  const read = async (name: string) => new Float32Array((await Deno.readFile(`${folder}/${name}.bin`)).buffer);
  const gallery = tf.tensor2d(await read("gallery"), [N, P]), queries = tf.tensor2d(await read("queries"), [Q, P]);
  const relevance = Array.from({ length: Q }, (_, i) => ({ correct: [i], excluded: [] }));
  const started = performance.now();
  const ranked = await rankGallery({ queries, gallery, relevance, top: 50 });
  const seconds = (performance.now() - started) / 1000;
  const peak = Number((await Deno.readTextFile("/proc/self/status")).match(/VmHWM:\s+(\d+)/)![1]) / 1024;
  const theirs = new Int32Array((await Deno.readFile(`${folder}/numpy.bin`)).buffer);
  const same = ranked.filter(({ top }, i) => top.every((entry, k) => entry === theirs[50 * i + k])).length;
  await Deno.remove(folder, { recursive: true });
  console.log(
    table(["", "seconds", "peak of the process, MB", "rankings equal"], [
      ["here: rank of a target, best 50", seconds.toFixed(2), peak.toFixed(0), `${same} of ${Q}`],
      ["NumPy: best 50", theirSeconds, theirPeak, ""],
    ]).text(),
  );
});

/** `deno task bench-ranking`: CIRCO's test split in size, 800 queries over 123,403 images, here and in NumPy. */
import * as tf from "../lib/tensors/tf.ts";
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { rankAll } from "../lib/evaluation/ranking.ts";
import { table } from "../lib/report/table.ts";
import { readOptions } from "../cli/options.ts";
import { answers } from "../scripts/python.ts";

const options = readOptions("bench-ranking", { device: { default: "auto", help: "auto, tensorflow, webgpu or wasm" } });
const [Q, N, P] = [800, 123_403, 768];
const folder = await Deno.makeTempDir();
const script = ["bench/ranking.py", folder, String(Q), String(N), String(P)];
const python = ".venv/reference/bin/python";
await answers(python, script);
const printed = await answers(python, script);
if (printed === undefined) throw new Error('Running NumPy failed: run "deno task reference" first.');
const [theirSeconds, theirPeak] = printed.split(" ");

console.log(describeDevice(await useDevice(parseDeviceChoice(options.device!))));
const read = async (name: string) => new Float32Array((await Deno.readFile(`${folder}/${name}.bin`)).buffer);
const gallery = tf.tensor2d(await read("gallery"), [N, P]), queries = tf.tensor2d(await read("queries"), [Q, P]);
const relevance = Array.from({ length: Q }, (_, i) => ({ correct: [i], excluded: [] }));
const started = performance.now();
const ranked = await rankAll(queries, gallery, relevance, 50);
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
Deno.exit(0);

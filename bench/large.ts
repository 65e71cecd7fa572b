/**
 * `deno task bench-large`: a made checkpoint of ViT-L/14's true size. How long its text tower takes to load, how much
 * memory beyond the tower itself, and one RTD step of 128 triplets, here and in PyTorch, from the same file.
 */
import * as tf from "../lib/tensors/tf.ts";
import { type ClipConfig, clipConfigJson } from "../lib/clip/model/config.ts";
import { normaliseRows } from "../lib/tensors/contrastive_losses.ts";
import { loadClip } from "../lib/clip/files/model_folder.ts";
import { clipShapes } from "../lib/clip/model/shapes.ts";
import { encodeTokens } from "../lib/clip/model/text_encoder.ts";
import type { TokenBatch } from "../lib/clip/model/tokenizer.ts";
import { disposeWeights } from "../lib/tensors/weights.ts";
import { embeddedTokenizerJson } from "../lib/emoji/model/embedded_tokenizer.ts";
import { rtdLoss } from "../lib/rtd/loss.ts";
import { adamWDefaults, adamWState, adamWStep } from "../lib/training/adamw.ts";
import { valueAndGradients } from "../lib/tensors/gradients.ts";
import { random } from "../lib/tensors/random.ts";
import { table } from "../lib/report/table.ts";
import { inFolder } from "../lib/io/path.ts";
import { command, runCommand } from "../cli/command.ts";
import { deviceOption, path, wholeNumber } from "../cli/options.ts";

const tower = { activation: "quick_gelu", layerNormEps: 1e-5 } as const;
/** openai/clip-vit-large-patch14, whose legacy configuration pools at the largest id. */
const large: ClipConfig = {
  projectionWidth: 768,
  text: {
    ...tower,
    width: 768,
    layers: 12,
    heads: 12,
    mlpWidth: 3072,
    vocabulary: 49408,
    context: 77,
    pooling: { at: "largest id" },
  },
  vision: { ...tower, width: 1024, layers: 24, heads: 16, mlpWidth: 4096, imageSize: 224, patchSize: 14 },
};
const mega = (bytes: number) => Math.round(bytes / 1e6);

/** Writes the folder, tensor by tensor: 32-bit floats, small and random. */
async function make(folder: string): Promise<void> {
  const file = inFolder(folder, "model.safetensors");
  if (await Deno.stat(file).then(() => true, () => false)) return;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(inFolder(folder, "config.json"), JSON.stringify(clipConfigJson(large)));
  const tokenizer = embeddedTokenizerJson(["a", "photo", "of", "that"]);
  await Deno.writeTextFile(inFolder(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  const shapes = clipShapes(large), rng = random(1);
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = 4 * shape.reduce((product, side) => product * side, 1);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  using out = await Deno.open(`${file}.part`, { write: true, create: true, truncate: true });
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await out.write(bytes.subarray(at));
  };
  await write(new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer));
  await write(text);
  for (const [name, shape] of Object.entries(shapes)) {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    const gain = /norm\d?\.weight$/.test(name) ? 1 : 0;
    for (let i = 0; i < values.length; i++) values[i] = gain + 0.04 * (rng.uniform() - 0.5);
    await write(new Uint8Array(values.buffer));
  }
  await Deno.rename(`${file}.part`, file);
}

/** The largest resident size of this process so far, bytes (Linux). */
async function peak(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status");
  return Number(status.match(/VmHWM:\s+(\d+) kB/)![1]) * 1000;
}

const largeBench = command(
  "bench-large",
  "Loads a made checkpoint of ViT-L/14's size and takes one training step, here and in PyTorch.",
  ["deno task bench-large", "deno task bench-large --tokens 77"],
)
  .option("--folder <folder>", "where the made checkpoint goes, 1.7 GB (default: .cache/made-vit-l-14)", path())
  .option("--tokens <count>", "length of every row", wholeNumber(4), 14)
  .option("--python <file>", "a Python with torch and transformers (default: .venv/reference/bin/python)", path())
  .addOption(deviceOption());

await runCommand(largeBench, async (options, _args, session) => {
  const { folder = ".cache/made-vit-l-14", tokens: length, python = ".venv/reference/bin/python" } = options;
  await session.device(options.device);
  await make(folder);
  // Before us, not beside us: the two together need more memory than many machines have.
  const { success, stdout } = await new Deno.Command(python, {
    args: [new URL("large.py", import.meta.url).pathname, folder, String(length)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Running ${python} bench/large.py failed; see above.`);
  const theirs = JSON.parse(new TextDecoder().decode(stdout));
  await tf.zeros([1]).data();

  const before = await peak(), started = performance.now();
  const clip = await loadClip(folder, { towers: "text" });
  const loadSeconds = (performance.now() - started) / 1000;
  const towerBytes = 4 * Object.values(clip.weights).reduce((sum, { size }) => sum + size, 0);
  const extra = await peak() - before - towerBytes;
  console.log(
    `text tower: ${mega(towerBytes)} MB; loaded and hashed in ${loadSeconds.toFixed(1)} s; peak beyond the tower ` +
      `${mega(extra)} MB, ${(extra / towerBytes).toFixed(2)} of it`,
  );

  const rows = 256, rng = random(2), { text } = clip.config;
  const tokens: TokenBatch = {
    ids: Int32Array.from({ length: rows * length }, () => rng.int(text.vocabulary)),
    rows,
    length,
    endAt: new Int32Array(rows).fill(length - 1),
    pseudoTokenMask: Float32Array.from({ length: rows * length }, (_, i) => i % length === 4 ? 1 : 0),
  };
  const targets = tf.tidy(() => normaliseRows(tf.randomNormal([rows, 768], 0, 1, "float32", 1)));
  const pseudoTokens = tf.randomNormal([rows, 768], 0, 0.02, "float32", 2) as tf.Tensor2D;
  const state = adamWState(clip.weights), times: number[] = [];
  for (let repeat = 0; repeat < 4; repeat++) {
    const start = performance.now();
    const { value, gradients } = tf.tidy(() =>
      valueAndGradients(
        (w) => rtdLoss(targets, normaliseRows(encodeTokens(w, text, tokens, pseudoTokens)), 0.07),
        clip.weights,
      )
    );
    adamWStep(clip.weights, gradients, state, { ...adamWDefaults, learningRate: 1e-5 });
    await value.data();
    disposeWeights(gradients);
    if (repeat > 0) times.push((performance.now() - start) / 1000);
  }
  const ours = times.sort((a, b) => a - b)[1];
  console.log(
    table(["128 triplets, 256 rows", "load, s", "step, s", "peak of the process, MB"], [
      ["here", loadSeconds.toFixed(1), ours.toFixed(2), String(mega(await peak()))],
      ["PyTorch, transformers", theirs.load.toFixed(1), theirs.step.toFixed(2), String(mega(theirs.peak))],
    ]).text(),
  );
});

/** `deno task bench`: one RTD training step here and in PyTorch with transformers, padded as published and trimmed. */
import * as tf from "../lib/tensors/tf.ts";
import type { TextConfig } from "../lib/clip/model/config.ts";
import { normaliseRows } from "../lib/tensors/contrastive_losses.ts";
import { initialClip, textShapes } from "../lib/clip/model/shapes.ts";
import { encodeTokens } from "../lib/clip/model/text_encoder.ts";
import type { TokenBatch } from "../lib/clip/model/tokenizer.ts";
import { disposeWeights } from "../lib/tensors/weights.ts";
import { embeddedConfig } from "../lib/emoji/model/embedded_model.ts";
import { rtdLoss } from "../lib/rtd/loss.ts";
import { adamWDefaults, adamWState, adamWStep } from "../lib/training/adamw.ts";
import { valueAndGradients } from "../lib/tensors/gradients.ts";
import { random } from "../lib/tensors/random.ts";
import { table } from "../lib/report/table.ts";
import { command, runCommand } from "../cli/command.ts";
import { deviceOption, oneOf, path, wholeNumber } from "../cli/options.ts";

/** Two text towers: the embedded one, and one of ViT-B/32's size. */
const towers = {
  embedded: { ...embeddedConfig(4200).text, context: 77 },
  "ViT-B/32": {
    ...embeddedConfig(49408).text,
    width: 512,
    layers: 12,
    heads: 8,
    mlpWidth: 2048,
    context: 77,
  },
} as const satisfies Record<string, TextConfig>;

const stepBench = command(
  "bench",
  "Times one RTD training step here and in PyTorch, padded as published and trimmed.",
  [
    "deno task bench",
    "deno task bench --tower ViT-B/32 --batch 64 --device wasm",
  ],
)
  .addOption(oneOf("--tower <name>", "the text tower", ["embedded", "ViT-B/32"]).default("embedded" as const))
  .option("--batch <count>", "triplets; a step encodes twice as many rows", wholeNumber(1), 128)
  .option("--tokens <count>", "longest row of the trimmed batch", wholeNumber(4), 14)
  .option("--repeats <count>", "timed steps, after one that is not", wholeNumber(1), 5)
  .option("--python <file>", "a Python with torch and transformers (default: .venv/reference/bin/python)", path())
  .addOption(deviceOption());

await runCommand(stepBench, async (options, _args, session) => {
  const { tower, batch, tokens, repeats, python = ".venv/reference/bin/python" } = options;
  const text: TextConfig = towers[tower];
  await session.device(options.device);
  const rows = 2 * batch;
  const measured: [string, number][] = [];
  for (const [name, length] of [["padded to 77", 77], [`trimmed to ${tokens}`, tokens]] as const) {
    measured.push([`here, ${name}`, await ours(text, rows, length, repeats)]);
  }
  const found = await theirs(python, text, rows, tokens, repeats);
  measured.push(...found);
  const published = measured.find(([name]) => name === "PyTorch, padded to 77")?.[1] ?? measured[0][1];
  console.log(`one step: ${rows} rows, ${tower} text tower, median of ${repeats}, one process after the other`);
  console.log(
    table(
      ["step", "seconds", "times faster than padded" + (found.length > 0 ? " PyTorch" : "")],
      measured.map(([name, seconds]) => [name, seconds.toFixed(3), (published / seconds).toFixed(2)]),
    ).text(),
  );
});

async function ours(text: TextConfig, rows: number, length: number, repeats: number): Promise<number> {
  const rng = random(1);
  const config = { ...embeddedConfig(text.vocabulary), text, projectionWidth: text.width };
  const weights = initialClip(config, rng);
  const parameters = Object.fromEntries(Object.keys(textShapes(config)).map((name) => [name, weights[name]]));
  const state = adamWState(parameters);
  const tokens: TokenBatch = {
    ids: Int32Array.from({ length: rows * length }, () => 4 + rng.int(text.vocabulary - 4)),
    rows,
    length,
    endAt: new Int32Array(rows).fill(length - 1),
    pseudoTokenMask: Float32Array.from({ length: rows * length }, (_, i) => i % length === 4 ? 1 : 0),
  };
  const targets = tf.tidy(() => normaliseRows(tf.randomNormal([rows, text.width], 0, 1, "float32", 1)));
  const pseudoTokens = tf.randomNormal([rows, text.width], 0, 0.02, "float32", 2) as tf.Tensor2D;
  const times: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const start = performance.now();
    const { value, gradients } = tf.tidy(() =>
      valueAndGradients(
        (w) => rtdLoss(targets, normaliseRows(encodeTokens(w, text, tokens, pseudoTokens)), 0.07),
        parameters,
      )
    );
    adamWStep(parameters, gradients, state, { ...adamWDefaults, learningRate: 1e-5 });
    await value.data();
    // Reading one weight waits for the optimiser on devices that compute behind our back.
    await tf.slice(parameters["text_projection.weight"], [0, 0], [1, 1]).data();
    disposeWeights(gradients);
    value.dispose();
    if (repeat > 0) times.push((performance.now() - start) / 1000);
  }
  disposeWeights(parameters);
  disposeWeights(state.first);
  disposeWeights(state.second);
  return times.sort((a, b) => a - b)[times.length >> 1];
}

async function theirs(
  python: string,
  text: TextConfig,
  rows: number,
  tokens: number,
  repeats: number,
): Promise<[string, number][]> {
  const script = new URL("step.py", import.meta.url).pathname;
  const setting = JSON.stringify({ ...text, rows, lengths: [77, tokens], repeats });
  try {
    const { code, stdout } = await new Deno.Command(python, { args: [script, setting], stderr: "inherit" }).output();
    if (code !== 0) throw new Error(`Running ${python} bench/step.py failed with code ${code}; see above.`);
    const { padded, trimmed } = JSON.parse(new TextDecoder().decode(stdout));
    return [["PyTorch, padded to 77", padded], [`PyTorch, trimmed to ${tokens}`, trimmed]];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`PyTorch is left out: there is no ${python}; "deno task reference" makes it.`);
    return [];
  }
}

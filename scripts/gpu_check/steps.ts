/** The step of one tower by every program on a device. */
import { mostBuckets } from "../../lib/clip/batch_encoder.ts";
import { changeRecipe, paperRecipe } from "../../lib/rtd/recipe.ts";
import { predictStepMemory } from "../../lib/rtd/step_memory.ts";
import { drawInputs, firstSteps, writeInputs } from "../../bench/inputs.ts";
import { phiBytes } from "../../bench/made_clip.ts";
import { indexOf, takeRounds } from "../../bench/rounds.ts";
import { median } from "../../bench/step_table.ts";
import { type TowerName, towers } from "../../bench/towers.ts";
import { startWorker, type Taken } from "../../bench/workers.ts";
import { workOf } from "../../bench/work.ts";
import type { Started } from "./programs.ts";
import type { DeviceResult } from "./result.ts";

/** What is measured. */
export interface StepsOptions {
  api: "CUDA" | "WebGPU";
  tower: TowerName;
  batch: number;
  /** Rounds that count. */
  rounds: number;
  programs: readonly Started[];
  /** Bytes of the GPU's memory that are free, where it is known. */
  free?: number;
  /** Bytes of the GPU's memory that are in use now, where it can be asked. */
  used: () => Promise<number | undefined>;
  python: string;
  /** Ends what takes too long. */
  signal: AbortSignal;
  /** Seconds for which each kernel of one step is timed; absent: none is. */
  kernels?: number;
  onProgress: (note: string) => void;
}

/** Takes the steps, and adds what was found to the device's result; what does not fit is left out with a sentence. */
export async function measureSteps(options: StepsOptions, result: DeviceResult): Promise<void> {
  const { api, tower, batch, rounds, programs, free, used, python, signal, kernels, onProgress } = options;
  const backend = api === "CUDA" ? "tensorflow" : "webgpu",
    passes = Math.max(...programs.map(({ ways }) => ways.length));
  onProgress(`${tower}: making weights and texts`);
  const drawn = await drawInputs({ tower, batch, rounds }), { clip } = drawn, triplets = drawn.batches.flat();
  const recipe = changeRecipe(paperRecipe, { batch });
  const { tensors } = predictStepMemory({ clip, recipe, triplets, backend, towers: "text" });
  const predicted = tensors + phiBytes(clip.config);
  if (free !== undefined && predicted > free) {
    result.leftOut.push(
      `${tower} is left out: its step needs about ${giga(predicted)} GB, ${giga(free)} GB of the GPU are free.`,
    );
    return;
  }
  const { files, sizes } = await writeInputs(drawn, { passes, mostBuckets: mostBuckets(backend) });
  for (const { program, env, ways } of programs) {
    signal.throwIfAborted();
    onProgress(`${tower}: ${ways[0].name}`);
    const before = await used();
    try {
      await using worker = await startWorker(program, files, { python, env, signal });
      for (const way of ways) {
        onProgress(`${tower}: ${way.name}`);
        const { fresh: [fresh], known: [known], products } = await takeRounds([worker], {
          ...{ rounds, pause: 0, choices: way.choices },
          always: () => way.always,
        });
        const rates = known.map(({ seconds }, round) => {
          const step = { config: towers[tower], sizes: sizes[indexOf(round, "known")], teacher: way.always };
          return workOf(program, step).flops / seconds / 1e9;
        });
        const product = Math.max(...products.map(({ gigaflops }) => gigaflops)), after = await used();
        result.steps.push({
          ...{ tower, program: way.name, batch, device: worker.ready.device },
          ...summary(fresh, known),
          ...{ gigaflops: median(rates), product },
          ...(before !== undefined && after !== undefined ? { gpuPeak: after - before } : {}),
          ...(program.kind === "ours" ? { predicted } : {}),
        });
      }
    } catch (error) {
      // What another program cannot do is no fault of ours.
      if (signal.aborted || program.kind === "ours") throw error;
      result.leftOut.push(`${tower}: ${(error as Error).message.slice(0, 300)}`);
    }
  }
  if (kernels === undefined) return;
  onProgress(`${tower}: kernels, one by one`);
  const [{ program, env }] = programs;
  if (program.kind !== "ours") return;
  await using worker = await startWorker({ ...program, kernels }, files, { python, env, signal });
  for (let index = 0; index < firstSteps; index++) await worker.step(index, { teacher: index === 0 });
  const { kernels: of = [] } = await worker.step(indexOf(0, "known"), { teacher: false });
  result.kernels = { tower, of };
}

function summary(fresh: readonly Taken[], known: readonly Taken[]) {
  const { peak, loss } = known.at(-1)!,
    middle = (taken: readonly Taken[]) => median(taken.map(({ seconds }) => seconds));
  const tensorPeaks = [...fresh, ...known].flatMap(({ tensorPeak }) => tensorPeak ?? []);
  const tensors = known.flatMap(({ tensors }) => tensors ?? []);
  return {
    ...{ fresh: middle(fresh), known: middle(known), peak, loss },
    ...(tensorPeaks.length > 0 ? { tensorPeak: Math.max(...tensorPeaks) } : {}),
    ...(tensors.length > 0 ? { tensors } : {}),
  };
}

function giga(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

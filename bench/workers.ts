/** The processes of a bench: started with a setting, told to take a step, answered by one line of JSON. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream as NodeStream } from "node:stream/web";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import type { EncoderChoice } from "../lib/clip/batch_encoder.ts";
import type { KernelTime } from "./kernels.ts";
import type { Product } from "./matrix_product.ts";
import type { StepFiles } from "./steps.ts";

/** What a process measures. */
export type Program =
  | { name: string; kind: "ours"; encoder: EncoderChoice; recompute?: boolean; device: DeviceChoice; kernels?: number }
  | { name: string; kind: "PyTorch"; recipe: Recipe; device: "cpu" | "cuda" };

/** How PyTorch pads: all texts to the context's length, or each batch to its own longest. */
export type Recipe = "published" | "trimmed";

/** What `worker.ts` reads. */
export interface WorkerSetting extends StepFiles {
  device: DeviceChoice;
  encoder: EncoderChoice;
  recompute?: boolean;
  /** Seconds for which each kernel of a step is timed; absent: none is. */
  kernels?: number;
}

/** What a process is told. */
export type Order = {
  do: "step";
  /** Index of the step's texts. */
  step: number;
  /** Whether the frozen encoder runs; ours decides by itself, as it keeps the features of texts that it knows. */
  teacher: boolean;
  /** PyTorch: another recipe for this step. */
  recipe?: Recipe;
  /** PyTorch on a GPU: whether products may be computed with TF32 (default false). */
  tf32?: boolean;
} | { do: "product"; tf32?: boolean };

/** A step to take: {@linkcode Order} without its name and its index. */
export type StepChoices = Omit<Extract<Order, { do: "step" }>, "do" | "step">;

/** The first answer, when everything is loaded. */
export interface Ready {
  /** The device in words. */
  device: string;
  gpu: boolean;
  /** Seconds for loading the text tower. */
  load: number;
  /** Bytes of the text tower. */
  tower: number;
  /** Bytes by which the process's peak grew while loading. */
  loadPeak: number;
}

/** The answer to a step. */
export interface Taken {
  seconds: number;
  /** Seconds of processor time, all threads. */
  cpu: number;
  /** Seconds of the frozen encoder within them, where they are measured apart. */
  teacher?: number;
  loss: number;
  /** Largest resident size of the process so far, bytes. */
  peak: number;
  /** Largest sum of tensors in this step, bytes; in PyTorch those on the GPU. */
  tensorPeak?: number;
  /** Tensors after the step. */
  tensors?: number;
  kernels?: KernelTime[];
}

/** A running process. */
export interface Worker extends AsyncDisposable {
  name: string;
  ready: Ready;
  step(index: number, choices: StepChoices): Promise<Taken>;
  product(choices?: { tf32?: boolean }): Promise<Product>;
}

/** How processes are started. */
export interface StartOptions {
  /** The Python with torch and transformers. */
  python: string;
  env?: Record<string, string>;
  /** Kills the process when it is aborted. */
  signal?: AbortSignal;
}

/** Starts a process, and waits until it has loaded. @throws {Error} if it ends before, with its last words */
export async function startWorker(
  program: Program,
  files: StepFiles,
  { python, env = {}, signal }: StartOptions,
): Promise<Worker> {
  const { name, kind, ...choices } = program;
  const setting = JSON.stringify({ ...files, ...choices }),
    here = (file: string) => new URL(file, import.meta.url).pathname;
  const [command, args] = kind === "ours"
    ? [Deno.execPath(), ["run", "--allow-all", "--no-check", here("worker.ts"), setting]]
    : [python, [here("step.py"), setting]];
  const child = new Deno.Command(command, { args, env, signal, stdin: "piped", stdout: "piped", stderr: "piped" })
    .spawn();
  const words: string[] = [], lines = linesOf(child.stdout), input = child.stdin.getWriter();
  const listening = (async () => {
    for await (const line of linesOf(child.stderr)) {
      words.push(line);
      if (words.length > 20) words.shift();
    }
  })();
  const next = async () => {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    const { code, signal: killed } = await child.status;
    await listening;
    signal?.throwIfAborted();
    throw new Error(
      `Measuring ${name} failed: its process ended with ${killed ?? `code ${code}`}${
        killed === "SIGKILL" ? ", which is how a system without memory ends one" : ""
      }; its last words: ${words.join(" / ") || "none"}.`,
    );
  };
  const ask = async (order: Order) => {
    // A process that has ended says so in the answer that does not come.
    await input.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {});
    return await next();
  };
  return {
    name,
    ready: await next(),
    step: (step, choices) => ask({ do: "step", step, ...choices }),
    product: (choices) => ask({ do: "product", ...choices }),
    async [Symbol.asyncDispose]() {
      await input.close().catch(() => {});
      await child.status;
      await listening;
      await lines.return?.();
    },
  };
}

function linesOf(stream: ReadableStream<Uint8Array>): AsyncIterator<string> & AsyncIterable<string> {
  // One class, whose types in Node and in Deno differ.
  const input = Readable.fromWeb(stream as unknown as NodeStream);
  return createInterface({ input })[Symbol.asyncIterator]() as AsyncIterator<string> & AsyncIterable<string>;
}

import { assert, assertEquals } from "@std/assert";
import { gpuCheckPage } from "../../../scripts/gpu_check/page.ts";
import { programsFor, type Started } from "../../../scripts/gpu_check/programs.ts";
import { type DeviceResult, failures, type StepResult } from "../../../scripts/gpu_check/result.ts";
import { measureSteps } from "../../../scripts/gpu_check/steps.ts";

const python = new URL("../../../.venv/reference/bin/python", import.meta.url).pathname;
const hasPython = await Deno.stat(python).then(() => true, () => false);

function emptyResult(): DeviceResult {
  return { api: "CUDA", name: "made", steps: [], leftOut: [], failed: [] };
}

const options = {
  api: "CUDA" as const,
  tower: "tiny" as const,
  batch: 4,
  rounds: 2,
  used: () => Promise.resolve(5e9),
  python,
  signal: new AbortController().signal,
  onProgress: () => {},
};

Deno.test("programsFor: on CUDA with TF32 off and on, beside a PyTorch that sees the GPU; on WebGPU alone", () => {
  const all = programsFor("CUDA", { gpu: 1, pytorch: true });
  assertEquals(all.flatMap(({ ways }) => ways.map(({ name }) => name)), [
    "packed, TF32 off",
    "packed, TF32 on",
    "PyTorch trimmed, TF32 off",
    "PyTorch trimmed, TF32 on",
    "PyTorch as published, TF32 off",
    "PyTorch as published, TF32 on",
  ]);
  assertEquals(all.map(({ env }) => env.NVIDIA_TF32_OVERRIDE), ["0", undefined, undefined]);
  assert(all.every(({ env }) => env.CUDA_VISIBLE_DEVICES === "1"));
  assertEquals(programsFor("CUDA", { gpu: 0, pytorch: false }).length, 2);
  assertEquals(programsFor("WebGPU", { pytorch: true }).map(({ program }) => program.device), ["webgpu"]);
});

Deno.test({
  name: "measureSteps: steps of ours and of PyTorch, memory, rates and tensors" +
    (hasPython ? "" : ' (skipped: no PyTorch; run "deno task reference")'),
  ignore: !hasPython,
  fn: async () => {
    const env = { OMP_NUM_THREADS: "1" };
    // The processes of a GPU, on the CPU.
    const programs = programsFor("CUDA", { gpu: 0, pytorch: true }).slice(1).map(({ program, ways }): Started =>
      program.kind === "ours"
        ? { program: { ...program, device: "wasm" }, env, ways }
        : { program: { ...program, device: "cpu" }, env, ways }
    );
    const result = emptyResult();
    await measureSteps({ ...options, programs, kernels: 0.0001 }, result);
    assertEquals(result.leftOut, []);
    assertEquals(result.steps.length, 5);
    const [ours, trimmed] = result.steps;
    assert(Math.abs(ours.loss / trimmed.loss - 1) < 1e-5, `${ours.loss} ${trimmed.loss}`);
    assertEquals(ours.gpuPeak, 0);
    assertEquals(ours.tensors?.length, 2);
    assert(Math.abs(ours.predicted! / ours.tensorPeak! - 1) < 0.2, `${ours.predicted} ${ours.tensorPeak}`);
    for (const { fresh, known, gigaflops, product, peak } of result.steps) {
      assert([fresh, known, gigaflops, product, peak].every((number) => number > 0));
    }
    assertEquals(result.kernels?.tower, "tiny");
    assert(result.kernels!.of.some(({ kernel, calls }) => kernel === "BatchMatMul" && calls > 20));
    assertEquals(failures(result), []);
  },
});

Deno.test("measureSteps: what does not fit, and what another program cannot do, is a sentence", async () => {
  const result = emptyResult(), programs = programsFor("CUDA", { gpu: 0, pytorch: true });
  await measureSteps({ ...options, programs, free: 1000 }, result);
  assertEquals(result.leftOut, ["tiny is left out: its step needs about 0.0 GB, 0.0 GB of the GPU are free."]);
  const script = await Deno.makeTempFile({ suffix: ".sh" });
  await Deno.writeTextFile(script, "#!/bin/sh\necho CUDA out of memory >&2\nexit 1\n");
  await Deno.chmod(script, 0o700);
  await measureSteps({ ...options, programs: programs.slice(2), python: script }, result);
  assertEquals(
    result.leftOut[1],
    "tiny: Measuring PyTorch failed: its process ended with code 1; its last words: CUDA out of memory.",
  );
  assertEquals(result.steps, []);
  await Deno.remove(script);
});

const step: StepResult = {
  tower: "ViT-L/14",
  program: "packed, TF32 on",
  batch: 128,
  device: "device tensorflow (...)",
  fresh: 0.3,
  known: 0.2,
  gigaflops: 20_000,
  product: 40_000,
  peak: 3.1e9,
  gpuPeak: 4.2e9,
  tensorPeak: 3.5e9,
  predicted: 3.6e9,
  loss: 2.5,
  tensors: [7, 7],
};

Deno.test("gpuCheckPage: the table, the paper's training in minutes, and what is wrong", () => {
  const errors = [{ what: "text features", largest: 2e-7, allowed: 1e-5 }];
  const device: DeviceResult = {
    ...emptyResult(),
    parity: { device: "device tensorflow", gpu: true, errors },
    demo: { seconds: { training: 3, total: 20.04 }, before: 31.94, after: 59.86 },
    steps: [step],
    kernels: { tower: "ViT-L/14", of: [{ kernel: "MatMul", calls: 3, seconds: 0.03, dearest: "[2] x [2], 3 times" }] },
  };
  const check = {
    task: "gpu-check" as const,
    deno: "2.9.6",
    tiny: false,
    seconds: 90,
    leftOut: ["WebGPU is left out."],
  };
  const page = gpuCheckPage({ ...check, devices: [device] });
  for (
    const line of [
      "1.5 minutes. Nothing is wrong.",
      "| text features | 2.0e-7 | 1e-5 |",
      "Demo: macro R@1 31.9 -> 59.9, 3.0 s of training, 20.0 s in all.",
      "| ViT-L/14 | packed, TF32 on | 0.300 | 0.200 | 20000 | 50 % | 10.0 | 4.20 | 3.50 | 3.60 | 3.10 | 2.5000 |",
      "| MatMul | 3 | 0.0300 | 100 % | [2] x [2], 3 times |",
      "- WebGPU is left out.",
    ]
  ) assert(page.includes(line), `${line}\n${page}`);
  const broken: DeviceResult = {
    ...device,
    parity: { device: "", gpu: true, errors: [{ ...errors[0], largest: NaN }] },
    steps: [{ ...step, tensors: [7, 8] }],
    failed: ["Running the demo failed."],
  };
  assertEquals(failures(broken), [
    "CUDA: Running the demo failed",
    "CUDA: the largest error of text features is NaN, allowed 0.00001",
    "CUDA: packed, TF32 on with ViT-L/14 leaves tensors behind: 7, 8",
  ]);
  assert(
    gpuCheckPage({ ...check, devices: [broken] }).includes("Wrong: CUDA: Running the demo failed; CUDA: the largest"),
  );
});

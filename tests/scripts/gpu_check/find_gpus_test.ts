import { assertEquals, assertRejects } from "@std/assert";
import type { AddonState } from "../../../lib/backend/tensorflow.ts";
import { type Ask, chooseCuda, findGpus } from "../../../scripts/gpu_check/find_gpus.ts";

const receipt = { tensorflow: "tensorflow 2.21.0 with CUDA", cuda: true, libraries: "/x", preload: [] };
const cuda: AddonState = { ready: true, receipt, file: "x" };

/** A driver that answers with these lines. */
function answering(...lines: string[]): Ask {
  return (command, args) => {
    assertEquals(command, "nvidia-smi");
    assertEquals(args[0], "--query-gpu=index,name,driver_version,memory.total,memory.free,compute_cap");
    return Promise.resolve(lines.join("\n"));
  };
}

const h100 = "0, NVIDIA H100 80GB HBM3, 535.129.03, 81559, 80995, 9.0";
const a100 = "1, NVIDIA A100-SXM4-40GB, 535.129.03, 40960, 40000, 8.0";

Deno.test("findGpus: reads what the driver tells, and refuses what it does not understand", async () => {
  assertEquals(await findGpus(answering(h100)), [{
    index: 0,
    name: "NVIDIA H100 80GB HBM3",
    driver: "535.129.03",
    memory: 81559 * 2 ** 20,
    free: 80995 * 2 ** 20,
    capability: 9,
  }]);
  assertEquals(await findGpus(() => Promise.resolve(undefined)), []);
  await assertRejects(
    () => findGpus(answering('Field "compute_cap" is not a valid field to query.')),
    Error,
    'nvidia-smi answered "Field "compute_cap" is not a valid field to query.", expected index, name,',
  );
});

Deno.test("chooseCuda: no GPU, too old, two GPUs, an add-on for the CPU: one sentence each", async () => {
  const sentence = async (ask: Ask, addon: AddonState = cuda, wanted?: number) => {
    const found = await chooseCuda(ask, addon, wanted);
    return "leftOut" in found ? found.leftOut : found.note ?? `${found.gpu.index}`;
  };
  assertEquals(
    await sentence(() => Promise.resolve(undefined)),
    'CUDA is left out: "nvidia-smi" does not answer, so there is no NVIDIA GPU, or no driver for it.',
  );
  assertEquals(
    await sentence(answering("0, Tesla V100-SXM2-16GB, 470.82.01, 16160, 16000, 7.0")),
    "CUDA is left out: the NVIDIA driver 470.82.01 is too old for TensorFlow's CUDA 12, which needs 525.60.13 or newer; " +
      "update the driver.",
  );
  assertEquals(
    await sentence(answering("0, GeForce GTX 970, 535.54, 4096, 4000, 5.2")),
    "CUDA is left out: the GeForce GTX 970 has compute capability 5.2, TensorFlow needs 6.0 or more; use --device webgpu.",
  );
  assertEquals(
    await sentence(answering(h100, a100)),
    "There are 2 GPUs, 0 (NVIDIA H100 80GB HBM3), 1 (NVIDIA A100-SXM4-40GB); 0 is checked, --gpu takes another.",
  );
  assertEquals(
    await sentence(answering(h100, a100), cuda, 3),
    "CUDA is left out: there is no GPU 3; --gpu takes one of 0 (NVIDIA H100 80GB HBM3), 1 (NVIDIA A100-SXM4-40GB).",
  );
  assertEquals(
    await sentence(answering(h100), { ready: true, receipt: { ...receipt, cuda: false }, file: "x" }),
    'CUDA is left out: the TensorFlow add-on is set up for the CPU; run "deno task setup --cuda".',
  );
  assertEquals(
    await sentence(answering(h100), { ready: false, why: "the TensorFlow add-on is not set up" }),
    'CUDA is left out: the TensorFlow add-on is not set up; run "deno task setup --cuda".',
  );
  assertEquals(await sentence(answering(h100)), "0");
  const chosen = await chooseCuda(answering(h100, a100), cuda, 1);
  assertEquals("gpu" in chosen && chosen.gpu.name, "NVIDIA A100-SXM4-40GB");
  for (const driver of ["525.60.13", "525.60.14", "525.105.17", "530", "550.54"]) {
    assertEquals(await sentence(answering(`0, A100, ${driver}, 40960, 40000, 8.0`)), "0", driver);
  }
});

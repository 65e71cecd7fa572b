import { assert, assertEquals, assertThrows } from "@std/assert";
import { readTorchCheckpoint, stateDict, type TorchTensor } from "../../lib/io/torch_checkpoint.ts";
import { random } from "../../lib/tensors/random.ts";

const bytesOf = (name: string) => Deno.readFileSync(new URL(`../goldens/${name}`, import.meta.url));
const read = (name: string) => readTorchCheckpoint(bytesOf(name), name);

Deno.test("a released phi is read: half precision, views, transposes, parameters", () => {
  const checkpoint = read("lincir.pt") as Map<string, unknown>;
  assertEquals(checkpoint.get("epoch"), 7);
  const phi = checkpoint.get("Phi") as Map<string, TorchTensor>;
  const found = Object.fromEntries([...phi].map(([name, { shape, values }]) => [name, [shape, [...values]]]));
  assertEquals(found, {
    "layers.0.weight": [[3, 2], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    "layers.0.bias": [[3], [0, 0.25, 0.5]],
    "layers.3.weight": [[3, 2], [0, 0.75, 0.25, 1, 0.5, 1.25]],
    "layers.3.bias": [[3], [0, 0.25, 0.5]],
    "layers.6.weight": [[2, 3], [0.75, 1, 1.25, 1.5, 1.75, 2]],
    "layers.6.bias": [[2], [0, 0.25]],
    position_ids: [[3], [0, 1, 2]],
  });
  const img2text = stateDict(read("pic2word.pt"), "state_dict_img2text")!;
  assertEquals(
    Object.keys(img2text),
    ["0.0", "1.0"].flatMap((n) => [`layers.${n}.weight`, `layers.${n}.bias`])
      .concat("fc_out.weight", "fc_out.bias"),
  );
  assertEquals([...img2text["fc_out.bias"].values], [0.5, 0.75]);
  assertEquals(stateDict(read("pic2word.pt"), "Phi"), undefined);
});

Deno.test("a checkpoint that wants to run code is refused by name, and nothing is run", () => {
  assertThrows(
    () => read("hostile.pt"),
    Error,
    'Reading hostile.pt failed: it wants to use "posix.system", which is not needed to rebuild tensors; nothing of it was run.',
  );
});

Deno.test("other forms are refused with what to do", () => {
  assertThrows(() => read("old_form.pt"), Error, 'convert it once with python -c "import torch; torch.save(');
  assertThrows(() => read("compressed.pt"), Error, '"c/data.pkl" is compressed');
  assertThrows(() => readTorchCheckpoint(new Uint8Array(0), "x.pt"), Error, "Reading x.pt failed: it is no ZIP");
  assertThrows(
    () => readTorchCheckpoint(bytesOf("lincir.pt").subarray(0, 500), "x.pt"),
    Error,
    "its central directory was not found",
  );
});

Deno.test("no mutation of a checkpoint does more than be refused", () => {
  const rng = random(5), whole = bytesOf("lincir.pt");
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = whole.slice(0, rng.int(8) === 0 ? rng.int(whole.length) : whole.length);
    for (let k = rng.int(6); k >= 0 && bytes.length > 0; k--) bytes[rng.int(bytes.length)] = rng.int(256);
    try {
      readTorchCheckpoint(bytes, "f");
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("Reading f failed: ")) throw error;
      refused++;
    }
  }
  assert(refused > 5_000, `${refused} refused`);
});

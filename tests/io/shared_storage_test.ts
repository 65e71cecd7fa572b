/** PyTorch checkpoints that name one storage many times, or one stretch of bytes under many names. */
import { crc32 } from "node:zlib";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { readTorchCheckpoint, stateDict } from "../../lib/io/torch_checkpoint.ts";

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const word = (value: number) => [0, 8, 16, 24].map((shift) => value >>> shift & 255);
const unicode = (text: string) => [0x58, ...word(text.length), ...ascii(text)];
const whole = (value: number) => [0x4a, ...word(value)];
const named = (module: string, name: string) => [0x63, ...ascii(`${module}\n${name}\n`)];

/** One storage as a tensor. */
function tensor(storage: string, type: string, size: number[], stride: number[]): number[] {
  const id = [
    0x28,
    ...unicode("storage"),
    ...named("torch", type),
    ...unicode(storage),
    ...unicode("cpu"),
    ...whole(0),
  ];
  const tuple = (values: number[]) => [0x28, ...values.flatMap(whole), 0x74];
  return [
    ...named("torch._utils", "_rebuild_tensor_v2"),
    ...[0x28, ...id, 0x74, 0x51, ...whole(0), ...tuple(size), ...tuple(stride), 0x89],
    ...[...named("collections", "OrderedDict"), 0x29, 0x52, 0x74, 0x52],
  ];
}

/** A checkpoint `{"Phi": {w0: ..., w1: ...}}` with storages; an entry of a number shares the bytes of that entry. */
function checkpoint(tensors: number[][], storages: Record<string, Uint8Array | string>): Uint8Array {
  const items = tensors.flatMap((tensor, i) => [...unicode(`w${i}`), ...tensor, 0x73]);
  const pickle = Uint8Array.from([0x80, 2, 0x7d, ...unicode("Phi"), 0x7d, ...items, 0x73, 0x2e]);
  const entries: [string, Uint8Array | string][] = [
    ["c/data.pkl", pickle],
    ...Object.entries(storages).map(([key, bytes]) => [`c/data/${key}`, bytes] as [string, Uint8Array | string]),
  ];
  const parts: Uint8Array[] = [], places = new Map<string, [number, Uint8Array]>();
  let at = 0;
  const add = (bytes: Uint8Array | number[]) => {
    parts.push(Uint8Array.from(bytes));
    at += bytes.length;
  };
  for (const [name, bytes] of entries) {
    if (typeof bytes === "string") {
      places.set(name, places.get(`c/data/${bytes}`)!);
      continue;
    }
    places.set(name, [at, bytes]);
    const lengths = [...word(crc32(bytes)), ...word(bytes.length), ...word(bytes.length)];
    add([...word(0x04034b50), 20, 0, 0, 0, 0, 0, ...word(0), ...lengths, name.length, 0, 0, 0, ...ascii(name)]);
    add(bytes);
  }
  const start = at;
  for (const [name] of entries) {
    const [local, bytes] = places.get(name)!;
    const lengths = [...word(crc32(bytes)), ...word(bytes.length), ...word(bytes.length)];
    const head = [...word(0x02014b50), 20, 0, 20, 0, 0, 0, 0, 0, ...word(0), ...lengths, name.length, 0];
    add([...head, ...Array(12).fill(0), ...word(local), ...ascii(name)]);
  }
  const size = at - start;
  const count = [entries.length & 255, entries.length >> 8];
  add([...word(0x06054b50), 0, 0, 0, 0, ...count, ...count, ...word(size), ...word(start), 0, 0]);
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const numbers = Float32Array.from({ length: 1024 }, (_, i) => i), bytes = new Uint8Array(numbers.buffer);

Deno.test("readTorchCheckpoint: 200 tensors of one storage share its numbers", () => {
  const one = tensor("0", "FloatStorage", [32, 32], [32, 1]);
  const phi = stateDict(readTorchCheckpoint(checkpoint(Array(200).fill(one), { 0: bytes }), "p.pt"), "Phi")!;
  assertEquals(Object.keys(phi).length, 200);
  assertEquals(phi.w199.values, numbers);
  const buffers = new Set(Object.values(phi).map(({ values }) => values.buffer));
  assert(buffers.size === 1, `${buffers.size} copies`);
});

Deno.test("readTorchCheckpoint: copies that a file could not hold, and entries that share their bytes, are refused", () => {
  const turned = tensor("0", "FloatStorage", [32, 32], [1, 32]);
  const [first] = Object.values(stateDict(readTorchCheckpoint(checkpoint([turned], { 0: bytes }), "p.pt"), "Phi")!);
  assertEquals([...first.values.subarray(0, 3)], [0, 32, 64]);
  const many = checkpoint(Array(200).fill(turned), { 0: bytes });
  assertThrows(() => readTorchCheckpoint(many, "p.pt"), Error, "its transposed tensors have more numbers than its");
  const aliases = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i + 1}`, "0"]));
  const bomb = checkpoint([tensor("0", "FloatStorage", [1024], [1])], { 0: bytes, ...aliases });
  assertThrows(() => readTorchCheckpoint(bomb, "p.pt"), Error, "Reading p.pt failed: its entries claim more than its");
});

Deno.test("readTorchCheckpoint: a storage that is named as two types is refused", () => {
  const both = [tensor("0", "FloatStorage", [4], [1]), tensor("0", "IntStorage", [4], [1])];
  assertThrows(
    () => readTorchCheckpoint(checkpoint(both, { 0: bytes }), "p.pt"),
    Error,
    'Reading p.pt failed: the storage "0" is named as F32 and as I32.',
  );
});

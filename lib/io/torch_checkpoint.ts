/**
 * PyTorch checkpoints (`.pt`, `.bin`) in ZIP form, read without running anything.
 *
 * A checkpoint is a ZIP of stored entries: `NAME/data.pkl`, a pickle whose tensors point to storages, and the storages'
 * bytes in `NAME/data/KEY`.
 */
import { crc32 } from "node:zlib";
import { bytesPerNumber, decodeNumbers, type NumberFormat } from "./numbers.ts";
import { type PickleGlobal, type PickleValue, readPickle } from "./pickle.ts";
import type { NamedArray } from "./safetensors.ts";
import { zipEntries } from "./zip.ts";

/** A tensor of a checkpoint. */
export class TorchTensor implements NamedArray {
  /** Lengths of the axes; `[]` for a scalar. */
  readonly shape: number[];
  /** The numbers in row-major order. */
  readonly values: Float32Array | Int32Array;

  /** A tensor with this shape and these numbers. */
  constructor(shape: number[], values: Float32Array | Int32Array) {
    this.shape = shape;
    this.values = values;
  }
}

/** A checkpoint's contents: dicts as `Map`, tensors as {@linkcode TorchTensor}. */
export type TorchValue = PickleValue;

/** Storage classes and the format of their numbers. */
const storages: Record<string, NumberFormat> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
};

class StorageClass {
  constructor(readonly name: string) {}
}

class Storage {
  constructor(readonly values: Float32Array | Int32Array, readonly format: NumberFormat) {}
}

/**
 * Reads a checkpoint from the bytes of its file. Nothing that the file holds is run.
 *
 * @param file its name, for error messages
 * @throws {Error} if it is damaged, of the older tar form, or names anything that is not needed to rebuild tensors
 */
export function readTorchCheckpoint(bytes: Uint8Array, file: string): TorchValue {
  const fail = (what: string): never => {
    // Names from the file may hold line breaks.
    throw new Error(`Reading ${file} failed: ${what.replace(/\p{Cc}/gu, "\ufffd")}.`);
  };
  if (bytes.length < 4 || bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    fail(
      `it is no ZIP; if it is a checkpoint of PyTorch before 1.6, convert it once with ` +
        `python -c "import torch; torch.save(torch.load('IN', weights_only=True, map_location='cpu'), 'OUT')"`,
    );
  }
  const entries = zipEntries(bytes, fail);
  const pickleName = [...entries.keys()].find((name) => name.endsWith("/data.pkl") || name === "data.pkl");
  if (pickleName === undefined) return fail("it has no data.pkl, so it is no checkpoint of torch.save");
  const prefix = pickleName.slice(0, -"data.pkl".length);
  const slice = (name: string): Uint8Array => {
    const entry = entries.get(name);
    if (!entry) return fail(`it has no entry "${name}"`);
    const content = bytes.slice(entry.offset, entry.offset + entry.length);
    if (crc32(content) !== entry.crc) return fail(`its entry "${name}" is damaged: the checksum does not match`);
    return content;
  };
  const order = entries.has(`${prefix}byteorder`) ? new TextDecoder().decode(slice(`${prefix}byteorder`)) : "little";
  if (order !== "little") fail(`its numbers are ${order}-endian`);

  const read = new Map<string, Storage>();
  let copied = 0;
  return readPickle(slice(pickleName), { global, persistent, fail });

  function global(module: string, name: string): PickleGlobal | undefined {
    const full = `${module}.${name}`;
    if (full === "collections.OrderedDict") return () => new Map();
    if (full === "torch._utils._rebuild_tensor_v2") return (args) => rebuildTensor(args, countCopy, fail);
    if (full === "torch._utils._rebuild_parameter") return ([data]) => data;
    // A storage class is only ever named in a persistent id.
    if (module === "torch" && Object.hasOwn(storages, name)) {
      return Object.assign(() => fail(`its pickle calls torch.${name}`), { storage: new StorageClass(name) });
    }
    return undefined;
  }

  /** Stops a file that names one storage many times from growing without bound. */
  function countCopy(count: number): void {
    copied += count;
    if (copied > bytes.length) fail(`its transposed tensors have more numbers than its ${bytes.length} bytes`);
  }

  function persistent(id: PickleValue): Storage {
    const [kind, type, key] = Array.isArray(id) ? id : [];
    const storage = (type as { storage?: StorageClass } | undefined)?.storage;
    if (kind !== "storage" || !storage || typeof key !== "string") {
      return fail("its pickle has a foreign persistent id");
    }
    const format = storages[storage.name], size = bytesPerNumber[format], found = read.get(key);
    if (found && found.format !== format) fail(`the storage "${key}" is named as ${found.format} and as ${format}`);
    if (found) return found;
    const raw = slice(`${prefix}data/${key}`);
    if (raw.length % size !== 0) fail(`the storage "${key}" has ${raw.length} bytes, no multiple of ${size}`);
    const made = new Storage(decodeNumbers(raw.buffer as ArrayBuffer, format), format);
    read.set(key, made);
    return made;
  }
}

/**
 * `(storage, offset, size, stride, ...)` as a contiguous tensor. One that is contiguous in its storage shares its
 * numbers; another is copied.
 */
function rebuildTensor(
  [storage, offset, size, stride]: PickleValue[],
  countCopy: (count: number) => void,
  fail: (what: string) => never,
): TorchTensor {
  const whole = (list: PickleValue): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (
    !(storage instanceof Storage) || !whole([offset]) || !whole(size) || !whole(stride) || size.length !== stride.length
  ) {
    return fail("a tensor is described in a way that is not known");
  }
  const start = offset as number, { values } = storage;
  const count = size.reduce((product, side) => product * side, 1);
  const last = size.reduce((sum, side, i) => sum + (side - 1) * stride[i], start);
  // A stride of zero would let a few bytes grow without bound.
  if (count > 0 && (last >= values.length || count > values.length)) {
    fail(`a tensor [${size}] reaches beyond its storage of ${values.length}`);
  }
  const contiguous = stride.every((step, i) =>
    size[i] === 1 || step === size.slice(i + 1).reduce((product, side) => product * side, 1)
  );
  if (contiguous || count === 0) return new TorchTensor(size, values.subarray(start, start + count));
  countCopy(count);
  const out = values instanceof Int32Array ? new Int32Array(count) : new Float32Array(count);
  const index = new Array(size.length).fill(0);
  for (let i = 0; i < count; i++) {
    out[i] = values[index.reduce((sum, position, d) => sum + position * stride[d], start)];
    for (let d = size.length - 1; d >= 0 && ++index[d] === size[d]; d--) index[d] = 0;
  }
  return new TorchTensor(size, out);
}

/**
 * The tensors of a state dict, or undefined if the value is no dict. The prefix `module.`, which data parallelism
 * leaves, is taken off; entries that are no tensors are left out.
 */
export function tensorsOf(dict: TorchValue | undefined): Record<string, NamedArray> | undefined {
  if (!(dict instanceof Map)) return undefined;
  const arrays: Record<string, NamedArray> = {};
  for (const [name, value] of dict) {
    if (value instanceof TorchTensor) arrays[String(name).replace(/^module\./, "")] = value;
  }
  return arrays;
}

/** The tensors of the state dict that a checkpoint holds under `key`, or undefined if it holds none there. */
export function stateDict(checkpoint: TorchValue, key: string): Record<string, NamedArray> | undefined {
  return checkpoint instanceof Map ? tensorsOf(checkpoint.get(key)) : undefined;
}

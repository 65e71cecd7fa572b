/** Parsers of containers of arrays: safetensors, ZIP, pickle, PyTorch checkpoints. */
import type { NamedArray } from "../../../lib/io/safetensors.ts";
import { openSafetensors, readSafetensors, writeSafetensors } from "../../../lib/io/safetensors.ts";
import { type PickleGlobal, readPickle } from "../../../lib/io/pickle.ts";
import { readTorchCheckpoint, stateDict, tensorsOf } from "../../../lib/io/torch_checkpoint.ts";
import { zipEntries } from "../../../lib/io/zip.ts";
import { bytesSample, Contradiction, type MakeParser, type Parser, type Sample } from "../parser.ts";
import { golden } from "./goldens.ts";
import { storedZip } from "./stored_zip.ts";

/** Small arrays of both kinds, a scalar and an empty one among them. */
const small = {
  bias: { shape: [3], values: Float32Array.of(0.5, -1, 2) },
  empty: { shape: [0, 4], values: new Float32Array() },
  ids: { shape: [2, 2], values: Int32Array.of(1, 2, 3, 4) },
  scalar: { shape: [], values: Float32Array.of(7) },
};

function safetensorsSamples(): Sample[] {
  return [
    writeSafetensors(small, { method: "made", provenance: "{}" }),
    writeSafetensors({ bias: small.bias }, {}, "F16"),
    foreign({ half: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } }, Uint8Array.of(0, 63, 128, 63)),
    foreign({ long: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8)),
    golden("tiny_clip_other_eps.safetensors"),
  ].map((bytes) => bytesSample("made.safetensors", bytes));
}

/** A file as another program writes it, without a checksum. */
function foreign(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header)), bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function checkArrays(arrays: Record<string, NamedArray>): void {
  for (const { shape, values } of Object.values(arrays)) {
    const size = shape.reduce((product, side) => product * side, 1);
    if (values.length !== size) {
      throw new Contradiction("an array has not its shape", `[${shape}], ${values.length} numbers`);
    }
  }
}

/** Whole files, from their bytes. */
export const safetensors: MakeParser = () => ({
  samples: safetensorsSamples(),
  names: ["made.safetensors"],
  read: (bytes, file) => checkArrays(readSafetensors(bytes, file).arrays),
});

/** Files that are opened and read tensor by tensor. */
export const openedSafetensors: MakeParser = (scratch) => ({
  samples: safetensorsSamples(),
  names: ["made.safetensors"],
  read(bytes, file) {
    Deno.writeFileSync(`${scratch}/${file}`, bytes);
    const opened = openSafetensors(`${scratch}/${file}`);
    try {
      checkArrays(Object.fromEntries(Object.keys(opened.shapes).map((name) => [name, opened.read(name)])));
    } finally {
      opened.close();
    }
  },
});

/** The four checkpoints of the goldens, one of an older form and one compressed among them. */
const checkpoints = ["lincir.pt", "pic2word.pt", "hostile.pt", "compressed.pt", "old_form.pt"];

/** Directories of archives. */
export const zip: MakeParser = () => ({
  samples: checkpoints.slice(0, 4).map((name) => bytesSample("made.zip", golden(name))),
  names: ["made.zip"],
  read(bytes, file) {
    const entries = zipEntries(bytes, failing(file));
    for (const [name, { offset, length }] of entries) {
      if (offset < 0 || offset + length > bytes.length) {
        throw new Contradiction("an entry lies outside the archive", name);
      }
    }
  },
});

function failing(file: string): (what: string) => never {
  return (what) => {
    // As readTorchCheckpoint does: names from the file may hold line breaks.
    throw new Error(`Reading ${file} failed: ${what.replace(/\p{Cc}/gu, "\ufffd")}.`);
  };
}

/** The entries of a golden checkpoint. */
function entriesOf(name: string): Record<string, Uint8Array> {
  const bytes = golden(name), entries = zipEntries(bytes, failing(name));
  return Object.fromEntries(
    [...entries].map(([entry, { offset, length }]) => [entry, bytes.slice(offset, offset + length)]),
  );
}

function pickleOf(name: string): [entry: string, bytes: Uint8Array] {
  return Object.entries(entriesOf(name)).find(([entry]) => entry.endsWith("data.pkl"))!;
}

/** Pickles by themselves. */
export const pickle: MakeParser = () => ({
  samples: ["lincir.pt", "pic2word.pt", "hostile.pt"].map((name) => bytesSample("data.pkl", pickleOf(name)[1])),
  names: ["data.pkl"],
  read(bytes, file) {
    const known: Record<string, PickleGlobal> = {
      "collections.OrderedDict": () => new Map(),
      "torch._utils._rebuild_tensor_v2": (args) => args,
      "torch._utils._rebuild_parameter": ([data]) => data,
      "torch.FloatStorage": () => null,
      "torch.HalfStorage": () => null,
      "torch.LongStorage": () => null,
    };
    readPickle(bytes, {
      global: (module, name) => Object.hasOwn(known, `${module}.${name}`) ? known[`${module}.${name}`] : undefined,
      persistent: (id) => [id],
      fail: failing(file),
    });
  },
});

/** PyTorch checkpoints: mutated as a whole, and with a mutated pickle in a sound archive. */
export const torchCheckpoint: MakeParser = (): Parser => {
  const whole = checkpoints.map((name) => bytesSample("made.pt", golden(name)));
  const packed = ["lincir.pt", "pic2word.pt"].map((name) => bytesSample(name, pickleOf(name)[1]));
  const archives = Object.fromEntries(packed.map(({ file }) => [file, entriesOf(file)]));
  return {
    samples: [...whole, ...packed, ...packed, ...packed],
    names: ["made.pt"],
    read(bytes, file) {
      const around = archives[file];
      const content = around ? storedZip({ ...around, [pickleOf(file)[0]]: bytes }) : bytes;
      const value = readTorchCheckpoint(content, "made.pt");
      for (const arrays of [tensorsOf(value), stateDict(value, "Phi"), stateDict(value, "state_dict_img2text")]) {
        checkArrays(arrays ?? {});
      }
    },
  };
};

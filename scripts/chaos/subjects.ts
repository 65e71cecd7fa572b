/** The commands under test, with the smallest inputs that run all of their work. */
import { filePath } from "../../lib/io/path.ts";
import { makeCirr } from "../../tests/benchmarks/miniature.ts";
import { type SlowHub, slowHub } from "./slow_hub.ts";

/** A command under test. */
export interface Subject {
  /** Name of its task. */
  task: string;
  /** Its arguments; files are named relative to the folder. */
  args: readonly string[];
  /** The arguments after an interruption. */
  again: readonly string[];
  /** Writes its inputs into a folder. */
  prepare(folder: string): Promise<void>;
  /** Its environment in a folder. */
  env(folder: string): Record<string, string>;
  /** The results that have to be the same, below the folder; "NAME/*" stands for all files of a folder. */
  results: readonly string[];
  /** Folders of what is cached, below the folder. */
  caches: readonly string[];
  /** The server that it downloads from. */
  hub?: SlowHub;
}

/** Names of the commands under test. */
export const subjectNames = ["train-phi", "evaluate", "fetch-model", "demo", "reproduce"] as const;
/** One of {@linkcode subjectNames}. */
export type SubjectName = typeof subjectNames[number];

const model = filePath(new URL("../../data/emoji-clip-small", import.meta.url));
const nothing = () => Promise.resolve();

/** Makes a command under test. */
export function makeSubject(name: SubjectName): Subject {
  const plain = { prepare: nothing, env: () => ({}), again: [], caches: [] };
  switch (name) {
    case "train-phi": {
      const own = ["--method", "lincir", "--clip", model, "--captions", "captions.txt", "--recipe", "embedded"];
      const args = [
        ...own,
        ...["--steps", "40", "--batch", "8", "--save-every", "0", "--out", "phi.safetensors", "--device", "wasm"],
      ];
      const colours = ["red", "green", "blue", "black", "white"], nouns = ["apple", "heart", "book", "car", "hat"];
      const captions = colours.flatMap((colour) => nouns.map((noun) => `a picture of the ${colour} ${noun}`));
      return {
        ...plain,
        task: name,
        args,
        again: [...args, "--resume"],
        prepare: (folder) => Deno.writeTextFile(`${folder}/captions.txt`, captions.join("\n")),
        results: ["phi.safetensors", "phi.json"],
      };
    }
    case "evaluate": {
      const args = [
        ...["--benchmark", "cirr", "--data", "cirr", "--counts", "as-found", "--out", "out", "--cache", "features"],
        ...["--clip", model, "--phi", `${model}/phi-lincir.safetensors`, "--device", "wasm"],
      ];
      const rows = ["image-only", "text-only", "image-text-sum", "image-x-text-product", "phi-text"].map((row) =>
        `out/${row}.jsonl`
      );
      const submissions = ["recall", "recall_subset"].map((metric) => `out/cirr-val-${metric}.json`);
      return {
        ...plain,
        task: name,
        args,
        again: [...args, "--resume"],
        prepare: (folder) => makeCirr(`${folder}/cirr`),
        // Not run.json, which names the images by their whole paths.
        results: [...rows, ...submissions, "out/result.json", "out/report.html"],
        caches: ["features"],
      };
    }
    case "fetch-model": {
      const hub = slowHub(), args = ["org/clip"], snapshot = `hub/models--org--clip/snapshots/${"d".repeat(40)}`;
      return {
        ...plain,
        task: name,
        args,
        again: args,
        env: (folder) => ({ HF_ENDPOINT: hub.endpoint, HF_HOME: folder, HF_TOKEN: "", HF_HUB_CACHE: "" }),
        results: [
          ...["config.json", "tokenizer.json", "model.safetensors"].map((file) => `${snapshot}/${file}`),
          "hub/models--org--clip/refs/main",
        ],
        hub,
      };
    }
    case "demo": {
      const args = ["--steps", "4", "--out", "demo", "--save", "saved", "--device", "wasm"];
      return {
        ...plain,
        task: name,
        args,
        again: [...args, "--resume"],
        results: ["demo/result.json", "saved/model.safetensors", "saved/phi.safetensors"],
      };
    }
    case "reproduce": {
      const args = ["components", "--seeds", "1", "--set", "steps=1", "--cache", "runs", "--out", "out"];
      return { ...plain, task: name, args, again: args, results: ["runs/*"] };
    }
  }
}

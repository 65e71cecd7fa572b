/** Real CLIPs' testbed in small: the embedded pictures in the benchmarks' true layouts, named in one JSON file. */
import { embeddedModelFolder, phiFile } from "../../lib/emoji/model/embedded_model.ts";
import { identifyClip } from "../../lib/clip/files/model_folder.ts";
import { filePath, inFolder } from "../../lib/io/path.ts";
import { phiMethods } from "../../lib/projection/fit_phi.ts";
import { savePseudoTokens } from "../../lib/projection/pseudo_token_file.ts";
import { random } from "../../lib/tensors/random.ts";
import * as tf from "../../lib/tensors/tf.ts";
import type { TestbedFile } from "../../lib/studies/testbed_file.ts";
import {
  cirrCaptions,
  makeCirco,
  makeCirr,
  makeCoco,
  makeFashioniq,
  makeGenecis,
  sizes,
} from "../benchmarks/miniature.ts";
import { smallBenchmark } from "../emoji/small_benchmark.ts";

/** Writes the miniature into a folder. @returns what `testbed.json` in it holds */
export async function makeMiniature(root: string): Promise<TestbedFile> {
  const at = (name: string) => `${root}/${name}`;
  await makeCirr(at("CIRR"));
  await makeCirco(at("CIRCO"));
  await makeFashioniq(at("FashionIQ"));
  await makeGenecis(at("GeneCIS"));
  await makeCoco(at("COCO"));
  const captions = [...await cirrCaptions()].map(([candidate, captions]) => ({ candidate, captions }));
  await Deno.writeTextFile(at("captions.json"), JSON.stringify(captions));
  await Deno.writeTextFile(at("corpus.txt"), captions.map(({ captions: [one] }) => one).join("\n"));
  const concepts = ["apple", "dog", "moon"].map((name) => [name, [`a photo of a ${name}`, `the ${name} is small`]]);
  await Deno.writeTextFile(at("phrases.json"), JSON.stringify(Object.fromEntries(concepts)));
  const { emoji, edits } = await smallBenchmark(), names = new Map(emoji.map(({ code, caption }) => [code, caption]));
  const lines = (list: typeof edits.train) =>
    list.map(({ reference, target }) => {
      const [input, output] = [names.get(reference.code), names.get(target.code)];
      return JSON.stringify({ input, edit: `is ${output}`, output }) + "\n";
    }).join("");
  await Deno.writeTextFile(at("llm.jsonl"), lines(edits.train));
  await Deno.writeTextFile(at("rule.jsonl"), lines(edits.train.toReversed().slice(0, 40)));
  const clip = embeddedModelFolder("small"), { hash, config: { text: { width } } } = await identifyClip(clip);
  const rng = random(1), inverted = Float32Array.from({ length: sizes.images * width }, () => rng.normal());
  const tokens = tf.tensor2d(inverted, [sizes.images, width]); // [N, D]
  await savePseudoTokens(at("oti.safetensors"), {
    names: captions.map(({ candidate }) => `dev/${candidate}.png`),
    tokens,
    provenance: { clip: hash },
  });
  tokens.dispose();
  const file: TestbedFile = {
    name: "miniature",
    recipe: { steps: 2, batch: 4 },
    cache: "features",
    clips: [{
      name: "small",
      folder: filePath(clip),
      phis: phiMethods.map((name) => ({
        name,
        file: inFolder(clip, phiFile(name)),
        ...(name === "LinCIR" ? { naive: { loss: name, captions: "corpus.txt", batch: 4 } } : {}),
        ...(name === "SEARLE"
          ? { naive: { loss: name, phrases: "phrases.json", images: "FashionIQ/images", batch: 4 } }
          : {}),
        ...(name === "Pic2Word" ? { naive: { loss: name, images: "FashionIQ/images", batch: 4 } } : {}),
      })),
      pseudoTokens: { "CIRR val": "oti.safetensors" },
    }],
    triplets: [{ name: "llm", file: "llm.jsonl" }, { name: "rule", file: "rule.jsonl", about: "made by rule" }],
    keptCaptions: "corpus.txt",
    benchmarks: [
      { name: "CIRR val", benchmark: "cirr", folder: "CIRR", captions: "captions.json", counts: "as-found" },
      {
        name: "CIRR captions",
        benchmark: "cirr",
        folder: "CIRR",
        captions: "captions.json",
        captionsForImages: true,
        counts: "as-found",
      },
      { benchmark: "circo", folder: "CIRCO", counts: "as-found" },
      { benchmark: "fashioniq", folder: "FashionIQ", counts: "as-found" },
      { benchmark: "genecis", folder: "GeneCIS", counts: "as-found" },
      { benchmark: "coco", folder: "COCO", counts: "as-found" },
    ],
  };
  await writeTestbed(root, file);
  return file;
}

/** Writes the file of a testbed into a folder. @returns its path */
export async function writeTestbed(root: string, file: unknown): Promise<string> {
  await Deno.writeTextFile(`${root}/testbed.json`, JSON.stringify(file));
  return `${root}/testbed.json`;
}

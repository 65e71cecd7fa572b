/** All parsers under test, by name, each with the inputs that once broke it. */
import { basename } from "node:path";
import { filePath } from "../../lib/io/path.ts";
import { isFolder } from "../../lib/io/read_file.ts";
import type { Form, MakeParser, Parser, Sample } from "./parser.ts";
import * as annotations from "./parsers/annotations.ts";
import * as answers from "./parsers/answers.ts";
import * as clipFiles from "./parsers/clip_files.ts";
import * as containers from "./parsers/containers.ts";
import * as projections from "./parsers/projections.ts";
import * as results from "./parsers/results.ts";
import * as texts from "./parsers/texts.ts";
import * as tripletFiles from "./parsers/triplet_files.ts";

const makers: Record<string, MakeParser> = {
  "safetensors": containers.safetensors,
  "safetensors-opened": containers.openedSafetensors,
  "zip": containers.zip,
  "pickle": containers.pickle,
  "torch-checkpoint": containers.torchCheckpoint,
  "clip-config": clipFiles.clipConfig,
  "preprocessor-config": clipFiles.preprocessorConfig,
  "tokenizer": clipFiles.tokenizer,
  "vocab-merges": clipFiles.vocabAndMerges,
  "weights-index": clipFiles.weightsIndex,
  "clip-folder": clipFiles.clipFolder,
  "text-encoder": clipFiles.textEncoder,
  "features-cache": clipFiles.featuresCache,
  "image": clipFiles.image,
  "phi-safetensors": projections.phiSafetensors,
  "phi-torch": projections.phiTorch,
  "pseudo-tokens": projections.pseudoTokens,
  "training-checkpoint": projections.trainingCheckpoint,
  "cirr": annotations.cirr,
  "circo": annotations.circo,
  "fashioniq": annotations.fashioniq,
  "genecis": annotations.genecis,
  "coco": annotations.coco,
  "icir": annotations.icir,
  "captions": texts.captions,
  "image-captions": texts.imageCaptions,
  "phrases": texts.phrases,
  "concepts": texts.concepts,
  "triplets": texts.triplets,
  "triplet-files": tripletFiles.tripletFiles,
  "triplet-parquet": tripletFiles.tripletParquet,
  "caption-index": tripletFiles.captionIndex,
  "source-captions": tripletFiles.sourceCaptions,
  "results": results.results,
  "submissions": results.submissions,
  "run-record": results.runRecord,
  "hub-listing": answers.hubListing,
  "hub-file": answers.hubFile,
  "shard-list": answers.shardList,
  "chat-reply": answers.chatReply,
};

/** Names of the parsers. */
export const parserNames: readonly string[] = Object.keys(makers);

/** Makes a parser with its samples. @param scratch an empty folder of its own */
export async function makeParser(name: string, scratch: string): Promise<Parser> {
  await Deno.mkdir(scratch, { recursive: true });
  const parser = await makers[name](scratch);
  return { ...parser, samples: [...parser.samples, ...brokenBefore(name)] };
}

/** Inputs that broke a parser once: `corpus/PARSER/WHAT IT WAS/FILE`, where FILE is the path of the replaced file. */
function brokenBefore(name: string): Sample[] {
  const folder = filePath(new URL(`corpus/${name}/`, import.meta.url));
  if (!isFolder(folder)) return [];
  return filesBelow(folder).map((path) => {
    const bytes = Deno.readFileSync(`${folder}${path}`);
    return { file: path.slice(path.indexOf("/") + 1), form: formOf(bytes, path), bytes };
  });
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}${name}/`).map((path) => `${name}/${path}`) : [name]
  ).sort();
}

/** A damaged JSON file is mutated as a text, and so is one that is too deep to be walked through. */
function formOf(bytes: Uint8Array, path: string): Form {
  if (/\.(safetensors|pt|bin|zip|pkl|png|jpg|checkpoint|parquet)$/.test(basename(path))) return "bytes";
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    JSON.parse(text);
    return /[[{]{300}/.test(text) ? "text" : "json";
  } catch {
    return "text";
  }
}

/** Parsers of a CLIP's folder: configuration, tokenizer, preprocessing, weights, and of images. */
import { clipTokenizerJson } from "../../../lib/clip/files/clip_tokenizer_json.ts";
import { loadTokenizer } from "../../../lib/clip/files/load_tokenizer.ts";
import { loadClip, saveClip } from "../../../lib/clip/files/model_folder.ts";
import { parsePreprocessing, preprocessingJson } from "../../../lib/clip/files/preprocessor_config.ts";
import { loadTextEncoder, saveTextEncoder } from "../../../lib/clip/files/text_folder.ts";
import { openWeightFiles } from "../../../lib/clip/files/weight_files.ts";
import { decodeImage } from "../../../lib/clip/images/decode_image.ts";
import { encodeImageFiles } from "../../../lib/clip/images/image_features.ts";
import { clipPreprocessing } from "../../../lib/clip/images/preprocess.ts";
import { type ClipConfig, clipConfigJson, parseClipConfig } from "../../../lib/clip/model/config.ts";
import { initialClip } from "../../../lib/clip/model/shapes.ts";
import { makeTokenizer, type Tokenizer } from "../../../lib/clip/model/tokenizer.ts";
import { embeddedTokenizerJson } from "../../../lib/embedded/tokenizer.ts";
import { readSafetensors, writeSafetensors } from "../../../lib/io/safetensors.ts";
import { random } from "../../../lib/tensors/random.ts";
import { disposeWeights } from "../../../lib/tensors/weights.ts";
import { fileSet } from "../file_set.ts";
import {
  bytesSample,
  Contradiction,
  type Form,
  jsonSample,
  type MakeParser,
  parsedJson,
  type Sample,
  textSample,
} from "../parser.ts";
import { golden } from "./goldens.ts";

const tower = { layers: 1, heads: 2, activation: "quick_gelu", layerNormEps: 1e-5 } as const;

/** The smallest CLIP. */
export const smallConfig: ClipConfig = {
  projectionWidth: 6,
  text: { ...tower, width: 4, mlpWidth: 8, vocabulary: 8, context: 8, pooling: { at: "largest id" } },
  vision: { ...tower, width: 4, mlpWidth: 8, imageSize: 8, patchSize: 4 },
};

/** The words of its tokenizer. */
const words = ["red", "apple"];

const vocabulary = ["$</w>", "r", "e", "d</w>", "re", "red</w>", "<|startoftext|>", "<|endoftext|>"];
const vocabularyJson = Object.fromEntries(vocabulary.map((token, id) => [token, id]));
const merges = "#version: 0.2\nr e\nre d</w>\n";

/** `config.json`. */
export const clipConfig: MakeParser = () => ({
  samples: [
    clipConfigJson(smallConfig),
    { text_config: { vocab_size: 49408 }, vision_config: { image_size: 224 }, projection_dim: 512 },
    {},
  ].map((json) => jsonSample("config.json", json)),
  names: ["config.json"],
  read: (bytes, file) => parseClipConfig(parsedJson(bytes, file), file),
});

/** `preprocessor_config.json`. */
export const preprocessorConfig: MakeParser = () => ({
  samples: [
    preprocessingJson(clipPreprocessing(32)),
    { crop_size: 224, size: 224, resample: 3, do_rescale: true, rescale_factor: 1 / 255 },
  ].map((json) => jsonSample("preprocessor_config.json", json)),
  names: ["preprocessor_config.json"],
  read: (bytes, file) => parsePreprocessing(parsedJson(bytes, file), file),
});

/** `tokenizer.json`, which also has to give ids of the vocabulary. */
export const tokenizer: MakeParser = () => ({
  samples: [embeddedTokenizerJson(words), clipTokenizerJson(vocabularyJson, merges, "vocab.json")]
    .map((json) => jsonSample("tokenizer.json", json)),
  names: ["tokenizer.json"],
  read: (bytes, file) =>
    checkIds(makeTokenizer(parsedJson(bytes, file), { ...smallConfig.text, vocabulary: 16 }, file, () => {}), 16),
});

/** Tokenizes two prompts; a text that the vocabulary cannot hold is refused by its own name. */
function checkIds(tokenizer: Tokenizer, vocabulary: number): void {
  for (const prompt of ["red apple", "a [$] that is 3.5, caf\u00e9"]) {
    let ids: Int32Array;
    try {
      ids = tokenizer.encode([prompt]).ids;
    } catch (error) {
      if (error instanceof Error && error.constructor === Error && error.message.startsWith("Tokenizing ")) continue;
      throw error;
    }
    if (!ids.every((id) => id >= 0 && id < vocabulary)) throw new Contradiction("an id is outside the vocabulary", ids);
  }
}

/** `vocab.json` with `merges.txt`. */
export const vocabAndMerges: MakeParser = (scratch) => {
  const samples = [jsonSample("vocab.json", vocabularyJson), textSample("merges.txt", merges)];
  const { folder, replace } = fileSet(scratch, samples);
  return {
    samples,
    names: [folder],
    async read(bytes, file) {
      replace(file, bytes);
      checkIds(await loadTokenizer(folder, smallConfig.text), smallConfig.text.vocabulary);
    },
  };
};

/** Writes the smallest CLIP and returns its files. */
async function smallClipFiles(scratch: string): Promise<Record<string, Uint8Array>> {
  const folder = `${scratch}/made`, weights = initialClip(smallConfig, random(1));
  const model = { config: smallConfig, tokenizer: { json: embeddedTokenizerJson(words) } };
  await saveClip(folder, { ...model, weights, preprocessing: clipPreprocessing(smallConfig.vision.imageSize) });
  disposeWeights(weights);
  return await takeFiles(folder);
}

/** Reads the files of a folder and removes it. */
async function takeFiles(folder: string): Promise<Record<string, Uint8Array>> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  const files = Object.fromEntries(names.map((name) => [name, Deno.readFileSync(`${folder}/${name}`)]));
  await Deno.remove(folder, { recursive: true });
  return files;
}

/** A sample in the form that its name says. */
function sampleOf([file, bytes]: [string, Uint8Array]): Sample {
  const form: Form = file.endsWith(".json") ? "json" : "bytes";
  return { file, form, bytes };
}

/** Two shards with their index. */
export const weightsIndex: MakeParser = async (scratch) => {
  const { arrays } = readSafetensors((await smallClipFiles(scratch))["model.safetensors"], "made");
  const halves: Record<string, typeof arrays> = { "model-00001-of-00002.safetensors": {}, "shard 2.safetensors": {} };
  const map: Record<string, string> = {}, names = Object.keys(halves);
  Object.entries(arrays).forEach(([name, array], i) => {
    map[name] = names[i % 2];
    halves[names[i % 2]][name] = array;
  });
  const index = jsonSample("model.safetensors.index.json", { metadata: { total_size: 1 }, weight_map: map });
  const shards = Object.entries(halves).map(([name, half]) => bytesSample(name, writeSafetensors(half)));
  const samples = [index, index, index, ...shards], { folder, replace } = fileSet(scratch, samples);
  return {
    samples,
    names: [folder],
    async read(bytes, file) {
      replace(file, bytes);
      const files = await openWeightFiles(folder);
      try {
        for (const name of Object.keys(files.shapes)) files.read(name);
      } finally {
        files.close();
      }
    },
  };
};

/** A whole folder, loaded to tensors. */
export const clipFolder: MakeParser = async (scratch) => {
  const samples = Object.entries(await smallClipFiles(scratch)).map(sampleOf);
  const { folder, replace } = fileSet(scratch, samples);
  return {
    samples,
    names: [folder],
    async read(bytes, file) {
      replace(file, bytes);
      const { weights, tokenizer, config } = await loadClip(folder);
      disposeWeights(weights);
      checkIds(tokenizer, config.text.vocabulary);
    },
  };
};

/** A text encoder's folder. */
export const textEncoder: MakeParser = async (scratch) => {
  const weights = initialClip(smallConfig, random(2)), json = embeddedTokenizerJson(words);
  await saveTextEncoder(`${scratch}/made`, {
    clip: { config: smallConfig, tokenizer: { json } as Tokenizer },
    weights,
  });
  disposeWeights(weights);
  const { "model.safetensors": model } = await takeFiles(`${scratch}/made`);
  const samples = [bytesSample("model.safetensors", model)], { folder, replace } = fileSet(scratch, samples);
  return {
    samples,
    names: [folder],
    async read(bytes, file) {
      replace(file, bytes);
      disposeWeights((await loadTextEncoder({ config: smallConfig }, folder)).weights);
    },
  };
};

/** Cached features of two images; what does not fit is refused, and never encoded in its place. */
export const featuresCache: MakeParser = async (scratch) => {
  const weights = initialClip(smallConfig, random(3)), preprocessing = clipPreprocessing(8);
  const clip = { weights, config: smallConfig, hash: "made", preprocessing };
  const files = ["exact_32.png", "tiny_7x5.png"].map((id) => ({ id, path: `${scratch}/${id}` }));
  for (const { id, path } of files) await Deno.writeFile(path, golden(`images/${id}`));
  const cache = `${scratch}/features`, made = await encodeImageFiles(clip, files, { cache });
  made.features.dispose();
  const samples = Object.entries(await takeFiles(`${cache}/${made.key}`)).map(sampleOf);
  const { folder, replace } = fileSet(`${cache}/${made.key}`, samples);
  return {
    samples,
    names: [folder],
    async read(bytes, file) {
      replace(file, bytes);
      const { features, encoded } = await encodeImageFiles(clip, files, { cache });
      features.dispose();
      if (encoded > 0) throw new Contradiction("images were encoded again", encoded);
    },
  };
};

/** Images that are small, in every format. */
const images = [
  ...["alpha.png", "grey_16.png", "one_bit.png", "palette_transparent.png", "tiny_7x5.png", "odd_33x47.png"],
  ...["cmyk.jpg", "exif_rotated.jpg", "grey.jpg", "progressive.jpg", "lossless_alpha.webp", "lossy.webp"],
];

/** Image files. */
export const image: MakeParser = () => ({
  samples: images.map((name) => bytesSample("made.png", golden(`images/${name}`))),
  names: ["made.png"],
  read: (bytes, file) => decodeImage(bytes, file),
});

/** `deno task pretrain`: makes an embedded CLIP and its tokenizer from the packages; `train-phi` then makes its phis. */
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { loadClip, saveClip } from "../lib/clip/files/model_folder.ts";
import { makeTokenizer } from "../lib/clip/model/tokenizer.ts";
import { disposeWeights } from "../lib/tensors/weights.ts";
import { captionWords } from "../lib/emoji/data/captions.ts";
import { emojiCatalogue } from "../lib/emoji/data/catalogue.ts";
import { embeddedConfig, embeddedModelFolder, embeddedSizes } from "../lib/emoji/model/embedded_model.ts";
import { embeddedTokenizerJson } from "../lib/emoji/model/embedded_tokenizer.ts";
import { labelRetrieval } from "../lib/emoji/evaluation/label_retrieval.ts";
import { loadIcons, imageStyles } from "../lib/emoji/data/icons.ts";
import { drawImages } from "../lib/emoji/data/images.ts";
import { pretrain, pretrainRecipe } from "../lib/emoji/model/pretrain.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { progress, thinned } from "../lib/report/progress.ts";
import { oneOf, readOptions, toFileUrl, wholeNumber } from "./options.ts";

const options = readOptions("pretrain", {
  device: { default: "auto", help: "auto, tensorflow, webgpu or wasm" },
  size: { default: "base", help: embeddedSizes.join(" or ") },
  steps: { default: String(pretrainRecipe.steps), help: "steps of CLIP" },
  out: { help: "another folder than the model's own in data/" },
  resume: { flag: true, help: "go on from the checkpoint of a stopped run" },
});
const size = oneOf("size", options.size!, embeddedSizes);
const folder = options.out ? toFileUrl(options.out) : embeddedModelFolder(size);
const device = await useDevice(parseDeviceChoice(options.device!));
console.log(describeDevice(device));

const emoji = emojiCatalogue();
const wanted = new Set(emoji.map(({ code }) => code));
const styles = [];
for (const style of imageStyles) styles.push(await drawImages(await loadIcons(style), wanted));
const [noto, twemoji] = styles;
const words = captionWords(emoji);
const tokenizerJson = embeddedTokenizerJson(words);
const config = embeddedConfig(words.length + 4, size);
const tokenizer = makeTokenizer(tokenizerJson, config.text, "the embedded tokenizer");

const recipe = { ...pretrainRecipe, steps: wholeNumber("steps", options.steps!, 1) };
const checkpoint = `results/pretrain-${size}/checkpoint.safetensors`;
const started = performance.now();
const bar = progress("pretraining CLIP");
const { parameters: weights, losses } = await pretrain(config, tokenizer, emoji, [noto, twemoji], recipe, {
  checkpoint,
  resume: options.resume === "true",
  onStep: ({ step, loss }) => bar.update(step, recipe.steps, `loss ${loss.toFixed(3)}`),
});
bar.done();
const clipSeconds = (performance.now() - started) / 1000;
await saveClip(folder, config, tokenizerJson, weights, { seed: String(recipe.seed) }, "F16");
disposeWeights(weights);
const halves = [0.5, 0.5, 0.5], side = config.vision.imageSize;
const preprocessing = {
  image_processor_type: "CLIPImageProcessor",
  size: { shortest_edge: side },
  crop_size: { height: side, width: side },
  image_mean: halves,
  image_std: halves,
};
await writeAtomically(new URL("preprocessor_config.json", folder), JSON.stringify(preprocessing, null, 2) + "\n");

// As they are stored, in half precision.
const clip = await loadClip(folder);
const retrieval = [];
for (const images of styles) retrieval.push(await labelRetrieval(clip, emoji, images));
console.table(retrieval.map(({ style, images, labelToImage, imageToLabel }) => ({
  style,
  images,
  "label to image R@1": labelToImage["R@1"].toFixed(1),
  "image to label R@1": imageToLabel["R@1"].toFixed(1),
})));

await writeAtomically(
  new URL("training_log.json", folder),
  JSON.stringify(
    {
      command: size === "base" ? "deno task pretrain" : `deno task pretrain --size ${size}`,
      device,
      cpuThreads: navigator.hardwareConcurrency,
      deno: Deno.version.deno,
      images: styles.map(({ style, source, codes, failed }) => ({ style, source, count: codes.length, failed })),
      clip: { recipe, seconds: Math.round(clipSeconds), losses: thinned(losses), retrieval },
    },
    null,
    1,
  ) + "\n",
);
console.log(`written to ${folder.pathname}`);
await Deno.remove(checkpoint);

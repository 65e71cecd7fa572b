/** `deno task pretrain`: makes an embedded CLIP and its tokenizer from the packages; `train-phi` then makes its phis. */
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { loadClip, saveClip } from "../lib/clip/model_folder.ts";
import { makeTokenizer } from "../lib/clip/tokenizer.ts";
import { disposeWeights } from "../lib/clip/weights.ts";
import { captionWords } from "../lib/emoji/captions.ts";
import { emojiCatalogue } from "../lib/emoji/catalogue.ts";
import { embeddedConfig, embeddedModelFolder, embeddedSizes } from "../lib/emoji/embedded_model.ts";
import { embeddedTokenizerJson } from "../lib/emoji/embedded_tokenizer.ts";
import { labelRetrieval } from "../lib/evaluation/label_retrieval.ts";
import { loadIcons, pictureStyles } from "../lib/emoji/icons.ts";
import { drawPictures } from "../lib/emoji/pictures.ts";
import { pretrain, pretrainRecipe } from "../lib/emoji/pretrain.ts";
import { writeAtomically } from "../lib/formats/atomic_write.ts";
import { progress, thinned } from "../lib/training/progress.ts";
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
for (const style of pictureStyles) styles.push(await drawPictures(await loadIcons(style), wanted));
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
for (const pictures of styles) retrieval.push(await labelRetrieval(clip, emoji, pictures));
console.table(retrieval.map(({ style, pictures, labelToPicture, pictureToLabel }) => ({
  style,
  pictures,
  "label to picture R@1": labelToPicture["R@1"].toFixed(1),
  "picture to label R@1": pictureToLabel["R@1"].toFixed(1),
})));

await writeAtomically(
  new URL("training_log.json", folder),
  JSON.stringify(
    {
      command: size === "base" ? "deno task pretrain" : `deno task pretrain --size ${size}`,
      device,
      cpuThreads: navigator.hardwareConcurrency,
      deno: Deno.version.deno,
      pictures: styles.map(({ style, source, codes, failed }) => ({ style, source, count: codes.length, failed })),
      clip: { recipe, seconds: Math.round(clipSeconds), losses: thinned(losses), retrieval },
    },
    null,
    1,
  ) + "\n",
);
console.log(`written to ${folder.pathname}`);
await Deno.remove(checkpoint);

/** `deno task pretrain`: makes the embedded CLIP, its tokenizer and its phi in `data/emoji-clip/` from the packages. */
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { loadClip, saveClip } from "../lib/clip/model_folder.ts";
import { makeTokenizer } from "../lib/clip/tokenizer.ts";
import { disposeWeights } from "../lib/clip/weights.ts";
import { captionWords, drawCaption, maskKeywords } from "../lib/emoji/captions.ts";
import { emojiCatalogue } from "../lib/emoji/catalogue.ts";
import { embeddedConfig, embeddedModelFolder } from "../lib/emoji/embedded_model.ts";
import { embeddedTokenizerJson } from "../lib/emoji/embedded_tokenizer.ts";
import { labelRetrieval } from "../lib/evaluation/label_retrieval.ts";
import { loadIcons, pictureStyles } from "../lib/emoji/icons.ts";
import { drawPictures } from "../lib/emoji/pictures.ts";
import { pretrain, pretrainRecipe } from "../lib/emoji/pretrain.ts";
import { writeAtomically } from "../lib/formats/atomic_write.ts";
import { embeddedLincirRecipe, trainLincir } from "../lib/projection/lincir.ts";
import { savePhi } from "../lib/projection/phi_file.ts";
import { progress } from "../lib/training/progress.ts";
import { random } from "../lib/training/random.ts";
import { readOptions, toFileUrl, wholeNumber } from "./options.ts";

const options = readOptions("pretrain", {
  device: { default: "auto", help: "auto, tensorflow, webgpu or wasm" },
  steps: { default: String(pretrainRecipe.steps), help: "steps of CLIP" },
  "phi-steps": { default: String(embeddedLincirRecipe.steps), help: "steps of phi" },
  out: { help: "another folder than data/emoji-clip" },
});
const folder = options.out ? toFileUrl(options.out) : embeddedModelFolder;
const device = await useDevice(parseDeviceChoice(options.device!));
console.log(describeDevice(device));

const emoji = emojiCatalogue();
const wanted = new Set(emoji.map(({ code }) => code));
const styles = [];
for (const style of pictureStyles) styles.push(await drawPictures(await loadIcons(style), wanted));
const [noto, twemoji] = styles;
const words = captionWords(emoji);
const tokenizerJson = embeddedTokenizerJson(words);
const config = embeddedConfig(words.length + 4);
const tokenizer = makeTokenizer(tokenizerJson, config.text, "the embedded tokenizer");

const recipe = { ...pretrainRecipe, steps: wholeNumber("steps", options.steps!, 1) };
const losses: [number, number][] = [];
const started = performance.now();
const bar = progress("pretraining CLIP");
const weights = await pretrain(config, tokenizer, emoji, [noto, twemoji], recipe, (step, loss) => {
  bar.update(step, recipe.steps, `loss ${loss.toFixed(3)}`);
  if (step % 20 === 0 || step === 1) losses.push([step, Number(loss.toFixed(4))]);
});
bar.done();
const clipSeconds = (performance.now() - started) / 1000;
await saveClip(folder, config, tokenizerJson, weights, { seed: String(recipe.seed) }, "F16");
disposeWeights(weights);
const halves = [0.5, 0.5, 0.5], size = config.vision.imageSize;
const preprocessing = {
  image_processor_type: "CLIPImageProcessor",
  size: { shortest_edge: size },
  crop_size: { height: size, width: size },
  image_mean: halves,
  image_std: halves,
};
await writeAtomically(new URL("preprocessor_config.json", folder), JSON.stringify(preprocessing, null, 2) + "\n");

// phi reads the weights as they are stored, in half precision.
const clip = await loadClip(folder);
const retrieval = [];
for (const pictures of styles) retrieval.push(await labelRetrieval(clip, emoji, pictures));
console.table(retrieval.map(({ style, pictures, labelToPicture, pictureToLabel }) => ({
  style,
  pictures,
  "label to picture R@1": labelToPicture["R@1"].toFixed(1),
  "picture to label R@1": pictureToLabel["R@1"].toFixed(1),
})));

const phiRecipe = { ...embeddedLincirRecipe, steps: wholeNumber("phi-steps", options["phi-steps"]!, 1) };
const captions = random(phiRecipe.seed + 1);
const phiLosses: [number, number][] = [];
const phiStarted = performance.now();
const phiBar = progress("training phi (LinCIR)");
const phi = await trainLincir(
  clip,
  () => {
    const caption = drawCaption(emoji[captions.int(emoji.length)], captions);
    return { caption, masked: maskKeywords(caption) };
  },
  phiRecipe,
  (step, loss) => {
    phiBar.update(step, phiRecipe.steps, `loss ${loss.toFixed(4)}`);
    if (step % 20 === 0 || step === 1) phiLosses.push([step, Number(loss.toFixed(5))]);
  },
);
phiBar.done();
await savePhi(new URL("phi.safetensors", folder), phi, "F16");
await writeAtomically(
  new URL("training_log.json", folder),
  JSON.stringify(
    {
      command: "deno task pretrain",
      device,
      cpuThreads: navigator.hardwareConcurrency,
      deno: Deno.version.deno,
      pictures: styles.map(({ style, source, codes, failed }) => ({ style, source, count: codes.length, failed })),
      clip: { recipe, seconds: Math.round(clipSeconds), losses, retrieval },
      phi: { recipe: phiRecipe, seconds: Math.round((performance.now() - phiStarted) / 1000), losses: phiLosses },
    },
    null,
    1,
  ) + "\n",
);
console.log(`written to ${folder.pathname}`);

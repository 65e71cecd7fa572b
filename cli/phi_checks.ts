/** The checks of `deno task train-phi`, all of them before anything is computed. */
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { inspectClip } from "../lib/clip/files/model_folder.ts";
import { imageFilesIn } from "../lib/clip/images/image_files.ts";
import { embeddedModelFolder, type EmbeddedSize } from "../lib/emoji/model/embedded_model.ts";
import { inFolder } from "../lib/io/path.ts";
import { phiMethods } from "../lib/projection/fit_phi.ts";
import { scenesModelFolder } from "../lib/scenes/model/scenes_model.ts";
import { readCaptions } from "../lib/projection/lincir/caption_file.ts";
import { embeddedPhiRecipes, paperPhiRecipes } from "../lib/projection/phi_recipes.ts";
import type { Masking } from "../lib/projection/lincir/masking.ts";
import { readPhrases, readTemplates } from "../lib/projection/searle/phrases.ts";
import { checkCheckpoint } from "./check_checkpoint.ts";
import { checkWritable, checkWritableFile } from "../lib/io/check_writable.ts";
import { type Faults, faults } from "./faults.ts";
import { holdOut, phiCaches, type PhiTask } from "./phi_task.ts";
import type { Session } from "./session.ts";

/** The options of `deno task train-phi`. */
export interface PhiOptions extends Pick<PhiTask, "method" | "inversionSteps"> {
  saveEvery?: number;
  steps?: number;
  batch?: number;
  seed?: number;
  world?: PhiTask["world"];
  size?: EmbeddedSize;
  clip?: string;
  captions?: string;
  images?: string;
  phrases?: string;
  templates?: string;
  targetPad?: number | "none";
  masking?: Masking;
  incompleteBatch?: "span" | "drop";
  recipe?: PhiTask["recipe"];
  out: string;
  resume?: true;
  device: DeviceChoice;
}

/** The methods that use an option, for the options that not all of them use. */
const usedBy = {
  captions: ["lincir"],
  images: ["searle", "searle-oti", "pic2word"],
  phrases: ["searle", "searle-oti"],
  inversionSteps: ["searle", "searle-oti"],
  templates: ["searle", "searle-oti"],
  targetPad: ["searle", "searle-oti", "pic2word"],
  masking: ["lincir"],
  incompleteBatch: ["lincir", "searle", "pic2word"],
  steps: ["lincir", "searle", "pic2word"],
  batch: ["lincir", "searle", "pic2word"],
  seed: ["lincir", "searle", "pic2word"],
  saveEvery: ["lincir", "searle", "pic2word"],
} as const;

/** Checks every option against what is on disk. @throws {Error} naming all faults; nothing has been written */
export async function checkPhiTask(options: PhiOptions, session: Session): Promise<PhiTask> {
  const { method, world = "emoji", saveEvery = 20, inversionSteps, steps, batch, seed } = options, found = faults();
  const embedded = world === "scenes" ? scenesModelFolder() : embeddedModelFolder(options.size);
  const folder = options.clip ?? inFolder(embedded), ownData = options.clip !== undefined;
  for (const [name, methods] of Object.entries(usedBy) as [keyof typeof usedBy, readonly string[]][]) {
    if (options[name] === undefined || methods.includes(method)) continue;
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    found.add(`--${option} does nothing for ${method}: it is for ${methods.join(", ")}; leave it out.`);
  }
  for (const name of ["size", "world"] as const) {
    if (ownData && options[name] !== undefined) found.add(`--${name} and --clip choose a CLIP each; leave one out.`);
  }
  if (world === "scenes" && !ownData && options.size !== undefined) {
    found.add("--size is for emoji; there is one CLIP of scenes: leave it out.");
  }
  for (const name of ["captions", "images", "phrases"] as const) {
    if (options[name] !== undefined && !ownData) {
      found.add(`--${name} needs --clip: the embedded CLIPs know their drawings only.`);
    }
  }
  if (options.targetPad !== undefined && !ownData) {
    found.add("--target-pad needs --clip: the embedded drawings are squares.");
  }
  for (const name of ["masking", "incompleteBatch"] as const) {
    if (options[name] === undefined || ownData || method !== "lincir") continue;
    const option = name === "masking" ? "masking" : "incomplete-batch";
    found.add(`--${option} needs --clip: the embedded captions are made without end, each with its own keywords.`);
  }
  const templates = options.templates === undefined
    ? undefined
    : await found.check(`Reading ${options.templates}`, () => readTemplates(options.templates!));
  const recipe = options.recipe ?? (ownData ? "paper" : "embedded");
  const device = await found.check("Selecting the device", () => session.device(options.device));
  await found.check(`Reading ${folder}`, () => inspectClip(folder));
  const phiName = phiMethods.find((name) => name.toLowerCase() === method);
  const { out } = options, log = `${out.replace(/\.safetensors$/, "")}.json`, checkpoint = `${out}.checkpoint`;
  for (const file of [out, log]) await found.check(`Writing ${file}`, () => checkWritableFile(file));
  for (const cache of Object.values(phiCaches)) await found.check(`Writing ${cache}`, () => checkWritable(cache));
  if (options.resume && phiName) await found.check(`Reading ${checkpoint}`, () => checkCheckpoint(checkpoint));
  const own = ownData ? await readOwnData(found, options) : undefined;
  found.throwIfAny("Training phi");
  return {
    method,
    device: device!,
    clip: folder,
    world,
    own,
    recipe,
    changes: {
      ...(steps && { steps }),
      ...(batch && { batch }),
      ...(seed !== undefined && { seed }),
      ...(options.incompleteBatch === "drop" && { incompleteBatch: "drop" }),
    },
    inversionSteps,
    templates,
    targetPad: targetPadOf(options, recipe),
    masking: options.masking ?? "position",
    out,
    log,
    checkpoint,
    saveEvery,
    resume: options.resume ?? false,
  };
}

/** Why no whole batch can be drawn of the captions that are trained on, where incomplete ones are dropped. */
function batchFault(captions: number, { batch, recipe, incompleteBatch }: PhiOptions): string | undefined {
  const { length } = holdOut(captions).training,
    recipes = recipe === "embedded" ? embeddedPhiRecipes : paperPhiRecipes(1, 1);
  const { batch: size } = { ...recipes.LinCIR, ...(batch && { batch }) };
  if (incompleteBatch !== "drop" || length >= size) return undefined;
  return `--incomplete-batch drop leaves nothing of ${length} captions in batches of ${size}; lower --batch, or leave it out.`;
}

/** SEARLE's published recipe pads the images that it trains on to 1.25; the others pad none. */
function targetPadOf({ method, clip, targetPad }: PhiOptions, recipe: PhiTask["recipe"]): number | undefined {
  if (targetPad !== undefined) return targetPad === "none" ? undefined : targetPad;
  return clip !== undefined && recipe === "paper" && method.startsWith("searle") ? 1.25 : undefined;
}

/** Reads the files that the method trains on; of images only their names. */
async function readOwnData(found: Faults, options: PhiOptions): Promise<PhiTask["own"]> {
  const { method, captions, images, phrases, masking } = options;
  const own: NonNullable<PhiTask["own"]> = {};
  if (method === "lincir") {
    if (captions === undefined) found.add("--captions is missing: lincir trains on a file of captions.");
    else {
      console.log(`reading ${captions}`);
      own.captions = await found.check(`Reading ${captions}`, () => readCaptions(captions, { masking }));
      const fault = own.captions && batchFault(own.captions.captions.length, options);
      if (fault !== undefined) found.add(fault);
    }
    return own;
  }
  if (images === undefined) found.add(`--images is missing: ${method} trains on a folder of images.`);
  else {
    own.images = await found.check(`Reading ${images}`, () => imageFilesIn(images));
    const count = own.images && holdOut(own.images.length).training.length;
    if (count === 1 && method !== "searle-oti") {
      found.add(`Training on ${images} failed: there is 1 image, and the loss of ${method} tells images apart.`);
    }
  }
  if (method === "pic2word") return own;
  if (phrases === undefined) found.add(`--phrases is missing: ${method} needs concept phrases.`);
  else own.phrases = await found.check(`Reading ${phrases}`, () => readPhrases(phrases));
  return own;
}

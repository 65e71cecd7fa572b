/** `deno task train-phi`: a base method's phi, on the embedded data or on the user's own images and captions. */
import * as tf from "../lib/tensors/tf.ts";
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { type Clip, loadClip } from "../lib/clip/files/model_folder.ts";
import { embeddedModelFolder, embeddedSizes, invertedFile, phiFile } from "../lib/emoji/model/embedded_model.ts";
import { selfRetrieval } from "../lib/projection/self_retrieval.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { invertImages } from "../lib/projection/searle/invert_images.ts";
import { trainLincir } from "../lib/projection/lincir/lincir.ts";
import { savePhi } from "../lib/projection/phi_file.ts";
import { embeddedPhiRecipes, paperPhiRecipes } from "../lib/projection/phi_recipes.ts";
import { phraseDrawer } from "../lib/projection/searle/phrases.ts";
import { trainPic2word } from "../lib/projection/pic2word/pic2word.ts";
import { trainSearle } from "../lib/projection/searle/searle.ts";
import { phiMethods, type PhiTraining, type TrainedPhi } from "../lib/projection/fit_phi.ts";
import { savePseudoTokens } from "../lib/projection/pseudo_token_file.ts";
import type { RunControl } from "../lib/training/fit.ts";
import { clock, progress, thinned } from "../lib/report/progress.ts";
import { fail, oneOf, readOptions, toFileUrl, wholeNumber } from "./options.ts";
import * as inputs from "./phi_inputs.ts";

const methods = ["lincir", "searle", "searle-oti", "pic2word"] as const;

async function main(): Promise<number> {
  const options = readOptions("train-phi", {
    method: { help: methods.join(", ") },
    size: { default: "base", help: `the embedded CLIP: ${embeddedSizes.join(" or ")}` },
    clip: { help: "a CLIP's folder, instead of an embedded one" },
    captions: { help: "with --clip, for lincir: a file of captions, one a line" },
    images: { help: "with --clip, for the others: a folder of images" },
    phrases: { help: "with --clip, for searle and searle-oti: a file that deno task phrases made" },
    recipe: { help: "paper or embedded (paper with --clip, else embedded)" },
    steps: { help: "steps of phi's training" },
    "inversion-steps": { help: "steps of the inversions (searle, searle-oti)" },
    batch: { help: "items a step" },
    seed: { help: "seed of phi's training" },
    out: { help: "the result's file (needed with --clip)" },
    "save-every": { default: "20", help: "seconds between checkpoints" },
    resume: { flag: true, help: "go on from the checkpoint of a stopped run" },
    device: { default: "auto", help: "auto, tensorflow, webgpu or wasm" },
  });
  const given = (name: keyof typeof options, why: string): string => {
    const value = options[name];
    if (value === undefined) throw new Error(`--${name} is missing: ${why}.`);
    return value;
  };
  const method = oneOf("method", given("method", `there are ${methods.join(", ")}`), methods);
  const size = oneOf("size", options.size!, embeddedSizes);
  const own = options.clip !== undefined;
  for (const name of ["captions", "images", "phrases"] as const) {
    if (options[name] !== undefined && !own) {
      throw new Error(`--${name} needs --clip: the embedded CLIPs know drawings of emoji only.`);
    }
  }
  const phiName = phiMethods.find((name) => name.toLowerCase() === method);
  const folder = own ? toFileUrl(options.clip!) : embeddedModelFolder(size);
  const out = own
    ? given("out", "where shall the result go")
    : options.out ?? new URL(phiName ? phiFile(phiName) : invertedFile, folder).pathname;
  const number = (name: "steps" | "batch" | "seed" | "inversion-steps", least: number) =>
    options[name] === undefined ? undefined : wholeNumber(name, options[name], least);
  const steps = number("steps", 1), batch = number("batch", 2), seed = number("seed", 0);
  const changes = { ...(steps && { steps }), ...(batch && { batch }), ...(seed !== undefined && { seed }) };
  const inversionSteps = number("inversion-steps", 1);
  const published = oneOf("recipe", options.recipe ?? (own ? "paper" : "embedded"), ["paper", "embedded"]) === "paper";

  const started = performance.now();
  const device = await useDevice(parseDeviceChoice(options.device!));
  console.log(describeDevice(device));
  const clip = await loadClip(folder);
  const recipesFor = (images: number) =>
    published ? paperPhiRecipes(clip.config.projectionWidth, images) : embeddedPhiRecipes;
  const control = {
    checkpoint: `${out}.checkpoint`,
    saveEvery: wholeNumber("save-every", options["save-every"]!, 0),
    resume: options.resume === "true",
  };
  // Half precision for the small committed files, full for the user's.
  const floats = own ? "F32" : "F16";

  let record: Record<string, unknown>, finished = true;
  const keep = async (recipe: PhiTraining, { trained, validation, stopped }: WatchedPhi) => {
    record = { recipe, steps: trained.steps, losses: thinned(trained.losses), validation };
    finished = !stopped;
    if (finished) {
      await savePhi(pathUrl(out), trained.phi, floats);
      await Deno.remove(control.checkpoint);
    }
  };
  if (method === "lincir") {
    const { makeSampler, heldOut, data } = own
      ? await inputs.ownCaptions(clip, given("captions", "lincir trains on a file of captions"))
      : await inputs.embeddedCaptions(clip);
    const recipe = { ...recipesFor(0).LinCIR, ...changes };
    await keep(
      recipe,
      await watched(clip, heldOut, recipe, control, (run) => trainLincir(clip, makeSampler, recipe, data, run)),
    );
  } else {
    const { names, features, training, heldOut, data } = own
      ? await inputs.ownImages(clip, folder, given("images", `${method} trains on a folder of images`))
      : await inputs.embeddedImages(clip, method === "pic2word" ? ["noto", "twemoji"] : ["noto"]);
    const rows = (places: number[]) => tf.tidy(() => tf.gather(features, tf.tensor1d(places, "int32")));
    const validated = rows(heldOut), trainedOn = rows(training); // [H, P], [N - H, P]
    const recipes = recipesFor(training.length);
    if (method === "pic2word") {
      const recipe = { ...recipes.Pic2Word, ...changes };
      await keep(
        recipe,
        await watched(clip, validated, recipe, control, (run) => trainPic2word(clip, trainedOn, recipe, data, run)),
      );
    } else {
      const { phrases, source } = own
        ? await inputs.ownPhrases(given("phrases", `${method} needs concept phrases`))
        : inputs.embeddedPhrases();
      const inversion = { ...recipes.inversion, ...(inversionSteps && { steps: inversionSteps }) };
      const draw = await phraseDrawer(clip, features, phrases, recipes.SEARLE.concepts);
      const bar = progress("inverting images");
      const inverted = await invertImages(clip, { names, features, draw, phrases: source }, inversion, {
        blocks: ".cache/inversion",
        onStep: (done, total, loss) =>
          bar.update(done, total, Number.isNaN(loss) ? "found" : `loss ${loss.toFixed(3)}`),
      });
      bar.done();
      if (method === "searle-oti") {
        await savePseudoTokens(pathUrl(out), inverted, floats);
        record = { recipe: inversion, images: names.length, data, phrases: source };
      } else {
        const recipe = { ...recipes.SEARLE, ...changes };
        const words = tf.tidy(() => tf.gather(inverted.words, tf.tensor1d(training, "int32"))); // [N - H, D]
        await keep(
          recipe,
          await watched(clip, validated, recipe, control, (run) =>
            trainSearle(
              clip,
              trainedOn,
              words,
              (image, rng) => draw(training[image], rng),
              recipe,
              `${data}; ${source}; inversions of ${inversion.steps} steps`,
              run,
            )),
        );
      }
    }
  }
  const args = Deno.args.filter((arg) => arg !== "--resume").join(" ");
  if (!finished) {
    console.log(`Stopped after a step. To go on: deno task train-phi ${args} --resume`);
    return 130;
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  const log = {
    command: `deno task train-phi ${args}`,
    device,
    deno: Deno.version.deno,
    clip: clip.hash,
    ...record!,
    seconds,
    memoryMB: Math.round(Deno.memoryUsage().rss / 1e6),
  };
  const logFile = `${out.replace(/\.safetensors$/, "")}.json`;
  await writeAtomically(logFile, JSON.stringify(log, null, 1) + "\n");
  console.log(`written in ${clock(seconds)}: ${out} and ${logFile}`);
  return 0;
}

interface WatchedPhi {
  trained: TrainedPhi;
  /** R@1 of held-out items by step. */
  validation: { step: number; heldOut: number; "R@1": number }[];
  stopped: boolean;
}

/** Runs a training with its bar, its validation (after 50 steps and ten times a run) and Ctrl-C. */
async function watched(
  clip: Clip,
  heldOut: tf.Tensor2D,
  { steps, input }: PhiTraining,
  control: Pick<RunControl, "checkpoint" | "saveEvery" | "resume">,
  train: (run: RunControl) => Promise<TrainedPhi>,
): Promise<WatchedPhi> {
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  const bar = progress("training phi");
  const validation: WatchedPhi["validation"] = [];
  const every = Math.max(1, Math.ceil(steps / 10));
  const trained = await train({
    ...control,
    signal: stop.signal,
    async onStep({ step, loss, parameters }) {
      if (heldOut.shape[0] > 1 && (step === 50 || step % every === 0 || step === steps)) {
        const phi = { method: "in training", input, provenance: {}, weights: parameters };
        validation.push({ step, heldOut: heldOut.shape[0], "R@1": await selfRetrieval(clip, phi, heldOut) });
      }
      const shown = validation.length > 0 ? `, held-out R@1 ${validation.at(-1)!["R@1"].toFixed(1)}` : "";
      bar.update(step, steps, `loss ${loss.toFixed(4)}${shown}`);
      // Lets Ctrl-C be heard: the native backend computes without ever yielding.
      await new Promise((resume) => setTimeout(resume, 0));
    },
  });
  bar.done();
  Deno.removeSignalListener("SIGINT", onInterrupt);
  const best = validation.reduce((most, one) => one["R@1"] > most["R@1"] ? one : most, validation[0]);
  if (best) {
    const last = validation.at(-1)!;
    console.log(
      `held-out R@1 ${last["R@1"].toFixed(1)} at step ${last.step} of ${last.heldOut} items` +
        (best.step === last.step ? "" : `; the best was ${best["R@1"].toFixed(1)} at step ${best.step}`),
    );
  }
  return { trained, validation, stopped: trained.steps < steps };
}

function pathUrl(path: string): URL {
  return new URL(toFileUrl(path).href.replace(/\/$/, ""));
}

try {
  Deno.exit(await main());
} catch (error) {
  fail(error);
}

/** The work of `deno task train-phi`: encodes the data, inverts images where the method needs it, trains phi. */
import { changePreprocessing } from "../lib/clip/files/change_preprocessing.ts";
import { type Clip, loadClip } from "../lib/clip/files/model_folder.ts";
import { emojiCatalogue } from "../lib/emoji/data/catalogue.ts";
import { emojiPhrases } from "../lib/emoji/data/phi_data.ts";
import { jsonHash } from "../lib/io/hash.ts";
import { embeddedPhiRecipes, paperPhiRecipes } from "../lib/projection/phi_recipes.ts";
import { savePseudoTokens } from "../lib/projection/pseudo_token_file.ts";
import { invertImages } from "../lib/projection/searle/invert_images.ts";
import { drawAmong, rankConcepts } from "../lib/projection/searle/phrases.ts";
import { inversionConcepts } from "../lib/projection/searle/textual_inversion.ts";
import { trainPhi } from "../lib/projection/train_phi.ts";
import { scenePhrases } from "../lib/scenes/data/phi_data.ts";
import { rowsAt } from "../lib/tensors/rows_at.ts";
import { embeddedCaptions, embeddedImages, ownCaptions, ownImages } from "./phi_inputs.ts";
import { drawnSceneCaptions, drawnScenes, inversionPrompts } from "./phi_scenes.ts";
import { phiCaches, type PhiTask } from "./phi_task.ts";
import { type LogRecord, trained } from "./phi_training.ts";
import type { Session } from "./session.ts";

/** Runs the task and writes its result. @returns what the log says of it; undefined if Ctrl-C stopped the training */
export async function runPhiTask(task: PhiTask, session: Session): Promise<LogRecord | undefined> {
  const { method, own, changes, targetPad } = task, loaded = await loadClip(task.clip);
  const clip = targetPad === undefined ? loaded : await changePreprocessing(loaded, { targetPad });
  if (targetPad !== undefined) {
    console.log(`images are padded to ${targetPad}: evaluate with --target-pad ${targetPad}, or train with none`);
  }
  session.whenStopped(`Stopped; what is cached is kept. To go on: ${session.commandLine()}`);
  if (method === "lincir") {
    const { captions, heldOut, data: source } = own
      ? await ownCaptions(clip, own.captions!, session)
      : await (task.world === "scenes" ? drawnSceneCaptions : embeddedCaptions)(clip, session);
    const data = task.masking === "released" ? `${source}, keywords masked as released` : source;
    const recipe = { ...recipesFor(task, clip, 0).LinCIR, ...changes };
    return await trained(
      task,
      session,
      clip,
      recipe,
      (control) => trainPhi({ clip, method: "LinCIR", captions, recipe, data, heldOut, ...control }),
    );
  }
  const images = own
    ? await ownImages(clip, own.images!, session)
    : await (task.world === "scenes" ? drawnScenes : embeddedImages)(
      clip,
      method === "pic2word" ? ["noto", "twemoji"] : ["noto"],
      session,
    );
  const { training, data } = images;
  const heldOut = rowsAt(images.features, images.heldOut); // [H, P]
  const features = rowsAt(images.features, training); // [N - H, P]
  const recipes = recipesFor(task, clip, training.length);
  if (method === "pic2word") {
    const recipe = { ...recipes.Pic2Word, ...changes };
    return await trained(
      task,
      session,
      clip,
      recipe,
      (control) => trainPhi({ clip, method: "Pic2Word", features, recipe, data, heldOut, ...control }),
    );
  }
  const scenes = task.world === "scenes";
  const phrases = own?.phrases ?? (scenes ? scenePhrases() : emojiPhrases(await emojiCatalogue()));
  const source = own
    ? `${phrases.size} concepts, SHA-256 ${await jsonHash([...phrases])}`
    : `${phrases.size} concepts of ${scenes ? "kinds and backgrounds" : "emojibase labels and search words"}`;
  const inversion = {
    ...recipes.inversion,
    ...(!own && scenes && { templates: inversionPrompts }),
    ...(task.inversionSteps && { steps: task.inversionSteps }),
    ...(task.templates && { templates: task.templates }),
  };
  // The embedded recipe ranks concepts with one prompt, as its committed phis were made.
  const templates = task.templates ?? (task.recipe === "paper" ? inversion.templates : undefined);
  const { concepts } = recipes.SEARLE, ofInversion = Math.min(concepts, inversionConcepts);
  const ranked = await rankConcepts(clip, images.features, phrases, method === "searle" ? concepts : ofInversion, {
    ...(templates && { templates }),
    onProgress: (done, total) => session.stage("ranking concepts", done, total),
  });
  const { names } = images;
  const inverted = await invertImages(clip, {
    names,
    features: images.features,
    draw: ranked.drawer(ofInversion),
    phrases: source,
    cache: phiCaches.inversion,
    onStep: async (done, total, loss) => {
      session.stage("inverting images", done, total, Number.isNaN(loss) ? "cached" : `loss ${loss.toFixed(3)}`);
      await session.yield();
      session.signal.throwIfAborted();
    },
  }, inversion);
  session.stageDone();
  if (method === "searle-oti") {
    await savePseudoTokens(task.out, inverted, own ? "F32" : "F16");
    return {
      clip: clip.hash,
      preprocessing: clip.preprocessing,
      recipe: inversion,
      concepts: ofInversion,
      conceptTemplates: templates,
      images: names.length,
      data,
      phrases: source,
    };
  }
  const recipe = { ...recipes.SEARLE, ...changes };
  return await trained(task, session, clip, recipe, (control) =>
    trainPhi({
      clip,
      method: "SEARLE",
      features,
      inverted: rowsAt(inverted.tokens, training), // [N - H, D]
      draw: drawAmong(ranked.drawer(concepts), training),
      recipe,
      data: `${data}; ${source}; inversions of ${inversion.steps} steps` +
        (templates ? ` with ${templates.length} prompts, which rank concepts too` : "") +
        (targetPad === undefined ? "" : `; images padded to ${targetPad}`),
      heldOut,
      ...control,
    }));
}

function recipesFor({ recipe }: PhiTask, { config }: Clip, images: number) {
  return recipe === "paper" ? paperPhiRecipes(config.projectionWidth, images) : embeddedPhiRecipes;
}

// Fine-tunes the text encoder of a CLIP with RTD on text triplets, and saves it in Hugging Face's layout.
// TRIPLETS is a JSON list of {"reference": "...", "conditioning": "...", "target": "..."}.
// deno run --allow-all examples/fine_tune.ts CLIP_FOLDER PHI_FILE TRIPLETS OUT_FOLDER [STEPS]
import * as rtd from "../mod.ts";

const [clipFolder, phiFile, tripletFile, out, steps = "2000"] = Deno.args;
const device = rtd.describeDevice(await rtd.useDevice("auto"));
console.log(device);
const clip = await rtd.loadClip(clipFolder);
const phi = await rtd.loadPhi(clip, phiFile);
const triplets: rtd.Triplet[] = JSON.parse(await Deno.readTextFile(tripletFile));
const recipe = rtd.changeRecipe(rtd.paperRecipe, { steps: Number(steps), batch: Math.min(128, triplets.length) });

const { textWeights, losses } = await rtd.trainRtd({
  clip,
  phi,
  triplets,
  recipe,
  checkpoint: `${out}.checkpoint`,
  onStep: ({ step, loss }) => console.log(`step ${step}: loss ${loss.toFixed(4)}`),
});
const metrics = { "loss of the last step": losses[losses.length - 1] };
await rtd.saveFineTuned(out, { clip, phi, textWeights, recipe, data: tripletFile, device, metrics });
Deno.exit(0);

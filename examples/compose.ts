// deno run --allow-all scripts/compose.ts CLIP_FOLDER PHI_FILE IMAGE "is red" GALLERY_FOLDER
import { pathToFileURL } from "node:url";
import * as rtd from "../mod.ts";

const [clipFolder, phiFile, image, text, gallery] = Deno.args;
await rtd.useDevice("auto");
const folder = new URL(`${pathToFileURL(clipFolder)}/`);
const clip = await rtd.loadClip(folder);
const widths = { embedding: clip.config.projectionWidth, token: clip.config.text.width };
const { phi } = await rtd.loadPhi(pathToFileURL(phiFile), widths);

const preprocessing = await rtd.loadPreprocessing(folder, clip.config.vision.imageSize);
const encode = async (paths: string[]) =>
  await rtd.encodeImages(clip.weights, clip.config, await rtd.readImages(paths, preprocessing));
const files = [...Deno.readDirSync(gallery)].filter(({ isFile }) => isFile).map(({ name }) => `${gallery}/${name}`)
  .sort();

const reference = await encode([image]); // [1, P]
const word = rtd.applyPhi(phi, rtd.phiInput(reference, phi.input)); // [1, D]
const query = await rtd.encodeTexts(clip, [rtd.composedPrompt(text)], word); // [1, P]
const [{ top }] = await rtd.rankGallery(query, await encode(files), [{ correct: [0], excluded: [] }], 5);
console.log(top.map((place) => files[place]).join("\n"));

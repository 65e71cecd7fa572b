// deno run --allow-all scripts/compose.ts CLIP_FOLDER PHI_FILE PICTURE "is red" GALLERY_FOLDER
import { pathToFileURL } from "node:url";
import * as rtd from "../mod.ts";

const [clipFolder, phiFile, picture, text, gallery] = Deno.args;
await rtd.useDevice("auto");
const folder = new URL(`${pathToFileURL(clipFolder)}/`);
const clip = await rtd.loadClip(folder);
const widths = { embedding: clip.config.projectionWidth, token: clip.config.text.width };
const { phi } = await rtd.loadPhi(pathToFileURL(phiFile), widths);

const preprocessing = await rtd.loadPreprocessing(folder, clip.config.vision.imageSize);
const encode = async (paths: string[]) =>
  await rtd.encodePictures(clip.weights, clip.config, await rtd.readPictures(paths, preprocessing));
const files = [...Deno.readDirSync(gallery)].filter(({ isFile }) => isFile).map(({ name }) => `${gallery}/${name}`)
  .sort();

const reference = await encode([picture]); // [1, P]
const word = rtd.applyPhi(phi, rtd.phiInput(reference, phi.input)); // [1, D]
const query = await rtd.encodeTexts(clip, [rtd.composedPrompt(text)], word); // [1, P]
const [{ top }] = await rtd.rankGallery(query, await encode(files), [{ correct: [0], exclude: [] }], 5);
console.log(top.map((place) => files[place]).join("\n"));

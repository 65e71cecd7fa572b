// Searches a folder of images with an image and a text that changes it.
// deno run --allow-all examples/compose.ts CLIP_FOLDER PHI_FILE IMAGE "is red" GALLERY_FOLDER
import * as rtd from "../mod.ts";

const [clipFolder, phiFile, image, text, gallery] = Deno.args;
await rtd.useDevice("auto");
const clip = await rtd.loadClip(clipFolder);
const phi = await rtd.loadPhi(clip, phiFile);

const encode = async (paths: string[]) => await rtd.encodeImages(clip, await rtd.readImages(clip, paths)); // [N, P]
const files = [...Deno.readDirSync(gallery)].filter(({ isFile }) => isFile).map(({ name }) => `${gallery}/${name}`)
  .sort();

const pseudoTokens = rtd.applyPhi(phi, await encode([image])); // [1, D]
const queries = await rtd.encodeTexts(clip, [rtd.composedPrompt(text)], { pseudoTokens }); // [1, P]
const [{ top }] = await rtd.rankGallery({ queries, gallery: await encode(files), top: 5 });
console.log(top.map((index) => files[index]).join("\n"));
Deno.exit(0);

// Searches a folder of images with an image and a text that changes it; the folder's features are kept beside it.
// deno run --allow-all examples/compose.ts CLIP_FOLDER PHI_FILE IMAGE "is red" GALLERY_FOLDER
import * as rtd from "../mod.ts";
import { encodeImage, indexImages, openImageIndex, search } from "../lib/search/mod.ts";

const [clipFolder, phiFile, image, text, folder] = Deno.args;
await rtd.useDevice("auto");
const clip = await rtd.loadClip(clipFolder);
const phi = await rtd.loadPhi(clip, phiFile);

const out = `${folder.replace(/\/$/, "")}.index`;
const { encoded, skipped } = await indexImages({ clip, folder, out }); // what is new or has changed
console.error(`${encoded} images encoded, ${skipped.length} cannot be read`);
using index = await openImageIndex(out, { clip });

const reference = await encodeImage(clip, await Deno.readFile(image)); // [P]
const hits = await search(index, { clip, phi, image: reference, text, top: 5 });
console.log(hits.map(({ id }) => `${folder}/${id}`).join("\n"));
Deno.exit(0);

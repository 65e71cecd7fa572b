/** Encodes a folder of pictures and prints how many were encoded now, and the hash of the features. */
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip, sha256 } from "../../lib/clip/model_folder.ts";
import { loadPreprocessing, pictureFilesIn } from "../../lib/clip/picture_files.ts";
import { pictureFeatures } from "../../lib/clip/picture_features.ts";

const [model, pictures, cache] = Deno.args;
await useDevice("wasm");
const folder = new URL(`file://${model}`), clip = await loadClip(folder);
const preprocessing = await loadPreprocessing(folder, clip.config.vision.imageSize);
const { features, encoded } = await pictureFeatures(clip, preprocessing, await pictureFilesIn(pictures), cache);
const bytes = new Uint8Array((await features.data() as Float32Array).buffer);
console.log(JSON.stringify({ encoded, hash: await sha256(bytes) }));
Deno.exit(0);

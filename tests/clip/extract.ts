/** Encodes a folder of images and prints how many were encoded now, and the hash of the features. */
import { useDevice } from "../../lib/backend/device.ts";
import { loadClip } from "../../lib/clip/files/model_folder.ts";
import { sha256 } from "../../lib/io/hash.ts";
import { imageFilesIn } from "../../lib/clip/images/image_files.ts";
import { encodeImageFiles } from "../../lib/clip/images/image_features.ts";

const [model, images, cache] = Deno.args;
await useDevice("wasm");
const clip = await loadClip(model);
const { features, encoded } = await encodeImageFiles(clip, await imageFilesIn(images), { cache });
const bytes = new Uint8Array((await features.data() as Float32Array).buffer);
console.log(JSON.stringify({ encoded, hash: await sha256(bytes) }));
Deno.exit(0);

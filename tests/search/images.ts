/** Small images that differ, for collections under test. */
import { loadSharp } from "../../lib/io/load_sharp.ts";

/** Writes an image of one colour, with a dark disc whose size says its number. */
export async function writeImage(path: string, number: number, { width = 40, height = 40 } = {}): Promise<void> {
  const sharp = await loadSharp();
  const colour = `hsl(${number * 67 % 360}, 80%, 60%)`, radius = 3 + number * 5 % 15;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="100%" height="100%" fill="${colour}"/><circle cx="20" cy="20" r="${radius}" fill="#222"/></svg>`;
  const image = sharp(new TextEncoder().encode(drawing)).flatten();
  await Deno.writeFile(path, await (path.endsWith(".jpg") ? image.jpeg() : image.png()).toBuffer());
}

/** Makes a folder of `count` images, half of them in a subfolder. @returns its path */
export async function imageFolder(count: number): Promise<string> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(`${folder}/below`);
  for (let i = 0; i < count; i++) {
    await writeImage(`${folder}/${i % 2 ? "below/" : ""}${i}.${i % 3 ? "png" : "jpg"}`, i);
  }
  return folder;
}

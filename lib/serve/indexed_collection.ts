/** An index of a person's own images as a collection of the page. */
import { isAbsolute, relative } from "node:path";
import { inFolder } from "../io/path.ts";
import { encodeImage } from "../search/encode_image.ts";
import { searchMethods } from "../search/search_method.ts";
import type { Collection } from "./collection.ts";
import { thumbnail } from "./thumbnail.ts";
import { searchTwice, type TwoEncoders } from "./two_encoders.ts";

/** Bytes of the largest file that is shown: it is read whole. */
const mostBytes = 2 ** 28;

/** Makes a collection from an open index and its models, which stay the caller's. */
export function indexedCollection(models: TwoEncoders): Collection {
  const { index: { ids, folder }, clip, phi } = models;
  const methods = searchMethods.filter((method) => phi !== undefined || method !== "composed");
  return {
    title: `${ids.length.toLocaleString("en")} images`,
    // Of this run: files may have changed by the next one.
    key: crypto.randomUUID().slice(0, 8),
    size: ids.length,
    examples: [],
    credits: [],
    methods,
    weighted: methods.filter((method) => method !== "image" && method !== "text"),
    label: (row) => ids[row],
    async image(row) {
      const path = pathBelow(folder ?? "", ids[row]), { size, isFile } = await Deno.stat(path);
      if (!isFile || size > mostBytes) throw new Error(`${ids[row]} has ${size} bytes, the most are ${mostBytes}.`);
      return await thumbnail(await Deno.readFile(path), ids[row]);
    },
    encode: (bytes) => encodeImage(clip, bytes),
    search: (query) => searchTwice(models, query),
  };
}

/** The path of an image of the index. @throws {Error} if its id leads out of the folder, as in a forged index */
function pathBelow(folder: string, id: string): string {
  const path = inFolder(folder, id), inside = relative(folder, path);
  if (inside === "" || /^\.\.(?:$|[/\\])/.test(inside) || isAbsolute(inside)) {
    throw new Error(`${id} is not below the folder of the index.`);
  }
  return path;
}

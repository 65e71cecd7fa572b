/** The work of `deno task search`. */
import { describeDevice, useDevice } from "../lib/backend/device.ts";
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import type { Clip } from "../lib/clip/files/model_folder.ts";
import { countLongTexts } from "../lib/clip/count_long_texts.ts";
import { inFolder } from "../lib/io/path.ts";
import { isFolder, readBytes } from "../lib/io/read_file.ts";
import { shownName } from "../lib/io/shown.ts";
import { composedPrompt } from "../lib/projection/prompts.ts";
import { table } from "../lib/report/table.ts";
import { encodeImage } from "../lib/search/encode_image.ts";
import { fetchImage } from "../lib/search/fetch_image.ts";
import { readHeader } from "../lib/search/index_buckets.ts";
import { mostResults } from "../lib/search/milvus_collection.ts";
import type { SearchMethod } from "../lib/search/search_method.ts";
import { cleanText } from "../lib/triplets/triplet.ts";
import { faults } from "./faults.ts";
import { checkModels, loadModels } from "./models.ts";
import { path } from "./options.ts";
import { diskSource, milvusSource, type SearchSource, type SourceHit } from "./search_source.ts";
import type { Session } from "./session.ts";

/** What is searched, where, and with what. */
export interface SearchTask {
  /** The index's folder. */
  index?: string;
  /** Address of a collection in Milvus, instead of the folder. */
  milvus?: string;
  /** Folder of the CLIP. */
  clip: string;
  /** The reference as the user typed it. */
  image?: string;
  /** The text. */
  text?: string;
  /** File of phi. */
  phi?: string;
  /** A fine-tuned text encoder. */
  textEncoder?: string;
  /** How image and text become one query. */
  method?: SearchMethod;
  /** Share of the text. */
  weight: number;
  /** Number of results. */
  top: number;
  /** Where the images are now. */
  images?: string;
  /** Whether JSON is printed. */
  json?: boolean;
  /** What computes. */
  device: DeviceChoice;
}

/** Searches and prints the results. */
export async function runSearch(task: SearchTask, session: Session): Promise<void> {
  const { index, milvus, text, phi, textEncoder, weight, top, images, json } = task, found = faults();
  if (task.image === undefined && !cleanText(text)) {
    found.add("There is nothing to search by: give --image, --text, or both.");
  }
  if ((index === undefined) === (milvus === undefined)) {
    found.add(
      "What is searched is either the folder of an index or --index milvus://HOST:PORT/NAME: give one of them.",
    );
  }
  if (milvus !== undefined && top > mostResults) {
    found.add(`--top ${top} is more than the ${mostResults} results that Milvus returns.`);
  }
  // In JSON the device is a field.
  const device = await found.check(
    "Selecting the device",
    () => json ? useDevice(task.device) : session.device(task.device),
  );
  await checkModels(found, { clip: task.clip, phi, textEncoder });
  if (index !== undefined) await found.check(`Reading ${index}`, () => readHeader(index));
  if (images !== undefined) await found.check(`Reading ${images}`, () => Deno.stat(images));
  if (task.method === "composed" && phi === undefined) found.add('--method composed needs --phi; "sum" does not.');
  found.throwIfAny("Searching");

  const models = await loadModels({ clip: task.clip, phi, textEncoder }), { clip } = models;
  await using source = milvus === undefined
    ? await diskSource(index!, clip, images)
    : await milvusSource(milvus, clip, images);
  const image = task.image === undefined ? undefined : await referenceOf(task.image, source, clip);
  const query = { clip, phi: models.phi, image, text, method: task.method, weight, top };
  const frozen = await source.search(query);
  const fineTuned = models.textEncoder && await source.search({ ...query, textWeights: models.textEncoder.weights });
  if (text && countLongTexts(clip, [composedPrompt(cleanText(text))]) > 0) {
    console.error(`The text fills the ${clip.config.text.context} tokens that the model reads: its end may be cut.`);
  }
  const { folder } = source;
  if (folder !== undefined && !isFolder(folder)) {
    console.error(`There is no folder ${folder} any more; --images says where the images are.`);
  }
  if (!json) return print(frozen, fineTuned, folder);
  const shown = (hits?: readonly SourceHit[]) =>
    hits?.map((hit) => folder === undefined ? hit : { ...hit, path: inFolder(folder, hit.id) });
  console.log(
    JSON.stringify(
      { device: describeDevice(device!).replace("device ", ""), frozen: shown(frozen), fineTuned: shown(fineTuned) },
      null,
      1,
    ),
  );
}

/** Finds an image in the source, or encodes a file or what is at an address. @returns its name, or `[P]` */
async function referenceOf(typed: string, source: SearchSource, clip: Clip): Promise<string | Float32Array> {
  if (/^https?:\/\//i.test(typed)) return await encodeImage(clip, await fetchImage(typed), { name: typed });
  const file = path()(typed), inside = await source.nameOf(typed, file);
  if (inside !== undefined) return inside;
  return await encodeImage(clip, await readBytes("the image", file, `, and the index has no "${typed}"`), {
    name: file,
  });
}

function print(frozen: readonly SourceHit[], fineTuned: readonly SourceHit[] | undefined, folder?: string): void {
  const cells = (hit?: SourceHit) => hit ? [shownName(hit.id), hit.score.toFixed(3)] : ["", ""];
  const header = fineTuned ? ["", "frozen", "score", "fine-tuned", "score"] : ["", "image", "score"];
  const rows = frozen.map((hit, i) => [
    `${i + 1}.`,
    ...cells(hit),
    ...(fineTuned ? cells(fineTuned[i]) : []),
  ]);
  console.log(`${table(header, rows).text()}${folder ? `\n\nbelow ${folder}` : ""}`);
}

/** The work of `deno task index`. */
import type { DeviceChoice } from "../lib/backend/device_choice.ts";
import { loadClip } from "../lib/clip/files/model_folder.ts";
import { checkWritable } from "../lib/io/check_writable.ts";
import { shownName } from "../lib/io/shown.ts";
import { indexImages, type IndexReport } from "../lib/search/index_images.ts";
import { checkIndexedClip, type IndexedClip, indexHeader } from "../lib/search/index_buckets.ts";
import type { IndexShard } from "../lib/search/index_shard.ts";
import { milvusAddress } from "../lib/search/milvus_address.ts";
import { connectMilvus } from "../lib/search/milvus_client.ts";
import { openMilvusCollection } from "../lib/search/milvus_collection.ts";
import { pushToMilvus } from "../lib/search/push_to_milvus.ts";
import { faults } from "./faults.ts";
import { checkModels } from "./models.ts";
import type { Session } from "./session.ts";

/** What is indexed, with what, and where to. */
export interface IndexTask {
  /** Folder of the images. */
  images: string;
  /** Folder of the CLIP. */
  clip: string;
  /** Folder of the index. */
  out: string;
  /** Address of a collection in Milvus that is made equal to the index. */
  milvus?: string;
  /** A share of the images. */
  shard?: IndexShard;
  /** What computes. */
  device: DeviceChoice;
}

/** Most images that are listed by name when they could not be read. */
const mostListed = 20;

/** Indexes a folder of images and says what was done. */
export async function runIndex(
  { images, clip: folder, out, milvus, shard, ...choice }: IndexTask,
  session: Session,
): Promise<void> {
  const found = faults();
  await found.check("Selecting the device", () => session.device(choice.device));
  await checkModels(found, { clip: folder });
  await found.check(`Reading ${images}`, () => Deno.stat(images));
  await found.check(`Writing into ${out}`, () => checkWritable(out));
  if (milvus) await found.check(`Connecting to ${milvus}`, () => checkMilvus(milvus));
  found.throwIfAny("Indexing");
  session.whenStopped(`Stopped; what is encoded is kept. To go on: ${session.commandLine()}`);
  const clip = await loadClip(folder, { towers: "image" });
  if (milvus !== undefined) await checkCollection(milvus, clip, images);
  const started = performance.now();
  const report = await indexImages({
    ...{ clip, folder: images, out, shard, signal: session.signal },
    onProgress: (done, total, note = "indexing") => session.stage(note, done, total),
  });
  session.stageDone();
  sayWhatWasDone(report, { out, shard, seconds: (performance.now() - started) / 1000 });
  if (report.images === 0 && shard === undefined) {
    throw new Error(
      `Indexing failed: ${out} has no image, since none of ${images} could be read; see the reasons above.`,
    );
  }
  if (milvus === undefined) return;
  const pushed = await pushToMilvus(out, milvus, {
    ...{ shard, signal: session.signal },
    onProgress: (done, total, note = "writing") => session.stage(note, done, total),
  });
  session.stageDone();
  console.log(`${milvus}: ${pushed.images} images, ${pushed.written} written now, ${pushed.removed} removed`);
}

/** Checks that the server answers. */
async function checkMilvus(address: string): Promise<void> {
  await using _connection = await connectMilvus(milvusAddress(address));
}

/** Makes the collection if it is missing, and checks that it is one of this CLIP, before images are encoded for it. */
async function checkCollection(address: string, clip: IndexedClip, images: string): Promise<void> {
  await using collection = await openMilvusCollection(address, { create: await indexHeader(clip, images) });
  await checkIndexedClip(address, collection.header, clip);
}

function sayWhatWasDone(
  { images, encoded, forgotten, skipped }: IndexReport,
  { out, shard, seconds }: { out: string; shard?: IndexShard; seconds: number },
): void {
  const rate = encoded === 0 ? "" : `, ${(encoded / seconds).toFixed(0)} a second`;
  const share = shard ? ` of share ${shard.index}/${shard.of}` : "";
  console.log(
    `${out}: ${images} images${share}, ${encoded} encoded now${rate}, ${forgotten} forgotten, ${skipped.length} skipped`,
  );
  for (const { id, reason } of skipped.slice(0, mostListed)) console.log(`  skipped ${shownName(id)}: ${reason}`);
  if (skipped.length > mostListed) console.log(`  and ${skipped.length - mostListed} more`);
}

/** `deno task index`: the features of a folder of images, kept for searching. */
import { command, runCommand } from "./command.ts";
import { deviceOption, milvusOption, path, shard } from "./options.ts";

const indexCommand = command(
  "index",
  "Encodes the images of a folder, so that they can be searched; a second run encodes what is new.",
  [
    "deno task index photos --clip CLIP --out photos.index",
    "deno task index photos --clip CLIP --out photos.index --shard 2/4",
    "deno task index photos --clip CLIP --out photos.index --index milvus://localhost:19530/photos",
  ],
)
  .argument("<images>", "folder of the images, with its subfolders", path())
  .requiredOption("--clip <folder>", "the CLIP", path())
  .requiredOption("--out <folder>", "folder of the index", path())
  .option("--shard <share>", "a share of the images, such as 3/8: several machines fill one index", shard(64))
  .addOption(milvusOption("a collection in Milvus that is made equal to the index"))
  .addOption(deviceOption());

await runCommand(indexCommand, async (options, [images], session) => {
  const { runIndex } = await import("./index_run.ts");
  await runIndex({ ...options, milvus: options.index, images }, session);
});

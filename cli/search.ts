/** `deno task search`: an index searched by an image and a text that changes it. */
import { command, runCommand } from "./command.ts";
import { deviceOption, milvusOption, oneOf, path, realNumber, wholeNumber } from "./options.ts";
import { searchMethods } from "../lib/search/search_method.ts";

const searchCommand = command(
  "search",
  "Searches an index by an image and a text that changes it; with a fine-tuned text encoder, by both encoders.",
  [
    'deno task search photos.index --clip CLIP --phi phi.safetensors --image dog.jpg --text "is on a beach"',
    'deno task search photos.index --clip CLIP --text "a red boat" --top 5 --json',
    'deno task search --index milvus://localhost:19530/photos --clip CLIP --text "a red boat"',
  ],
)
  .argument("[index]", 'the folder that "deno task index" made', path())
  .addOption(milvusOption("instead of the folder, a collection in Milvus"))
  .requiredOption("--clip <folder>", "the CLIP of the index", path())
  .option("--image <image>", "the reference: an image of the index by its name there, a file, or an address")
  .option("--text <text>", "what is to be different; without an image: what is looked for")
  .option("--phi <file>", 'the projection, for "composed"', path())
  .option("--text-encoder <folder>", "a fine-tuned text encoder, whose results stand beside the frozen one's", path())
  .addOption(
    oneOf("--method <name>", 'how both become a query (default: "composed" with a phi, else "sum")', searchMethods),
  )
  .option(
    "--weight <number>",
    "share of the text, from 0 (the image alone) to 1 (the text alone)",
    realNumber(0, 1),
    0.5,
  )
  .option("--top <count>", "number of results", wholeNumber(1), 20)
  .option("--images <folder>", "where the images are now (default: where they were indexed)", path())
  .option("--json", "prints the results as JSON")
  .addOption(deviceOption());

await runCommand(searchCommand, async (options, [index], session) => {
  const { runSearch } = await import("./search_run.ts");
  await runSearch({ ...options, milvus: options.index, index }, session);
});

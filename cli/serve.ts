/** `deno task serve`: a page on this machine that searches images by an image and a text. */
import { command, runCommand } from "./command.ts";
import { deviceOption, path, wholeNumber } from "./options.ts";

const serve = command(
  "serve",
  "Serves a page on this machine: search by an image and a text, frozen and fine-tuned text encoder side by side.",
  [
    "deno task serve",
    "deno task serve photos.index --clip CLIP --phi phi.safetensors --text-encoder run/best",
    "deno task serve --port 9000",
  ],
)
  .argument("[index]", 'the folder that "deno task index" made (default: the embedded drawings)', path())
  .option("--clip <folder>", "the CLIP of the index", path())
  .option("--phi <file>", 'the projection, for "composed"', path())
  .option("--text-encoder <folder>", "a fine-tuned text encoder, whose results stand beside the frozen one's", path())
  .option("--images <folder>", "where the images are now (default: where they were indexed)", path())
  .option("--port <number>", "port of the page; 0: any that is free", wholeNumber(0, 65535), 8000)
  .option("--bind <address>", "address of this machine at which the page listens", "127.0.0.1")
  .option("--name <host...>", "further names of this machine that the page answers to")
  .option("--addresses", "images are fetched from addresses that are typed, where --allow-net permits their host")
  .addOption(deviceOption());

await runCommand(serve, async (options, [index], session) => {
  const { servePage } = await import("./serve_run.ts");
  await servePage({ ...options, index }, session);
});

/** `deno task fetch-model NAME [REVISION]`: a CLIP from the Hugging Face hub into the standard cache. */
import { command, runCommand } from "./command.ts";

const fetchCommand = command("fetch-model", "Fetches a CLIP from the Hugging Face hub and prints its folder.", [
  "deno task fetch-model openai/clip-vit-base-patch32",
  "deno task fetch-model openai/clip-vit-large-patch14 refs/pr/2",
])
  .argument("<model>", "its name on the hub")
  .argument("[revision]", "a branch, a tag or a commit", "main");

await runCommand(fetchCommand, async (_options, [model, revision], session) => {
  const { fetchModel } = await import("../lib/hub/fetch_model.ts");
  session.whenStopped(`Stopped; what has arrived is kept. To go on: ${session.commandLine()}`);
  const mega = (count: number) => Math.round(count / 1e5) / 10;
  const folder = await fetchModel(model, {
    revision,
    onProgress({ file, bytes, size }) {
      session.stage(file, mega(bytes), mega(size), "MB");
    },
  });
  session.stageDone();
  console.log(folder);
});

/** `deno task average`: the average of the frozen and a fine-tuned text encoder, between what each retrieves. */
import { command, runCommand } from "./command.ts";
import { faults } from "./faults.ts";
import { deviceOption, path, realNumber } from "./options.ts";

const average = command("average", "Averages the weights of a fine-tuned text encoder with the frozen one's.", [
  "deno task average --clip CLIP --text-encoder run/best --share 0.6 --out averaged",
])
  .requiredOption("--clip <folder>", "the CLIP that was fine-tuned, in Hugging Face's layout", path())
  .requiredOption("--text-encoder <path>", "the fine-tuned text encoder: a folder, or a released .pt file", path())
  .requiredOption("--share <number>", "share of the fine-tuned encoder, 0 to 1", realNumber(0, 1))
  .requiredOption("--out <folder>", "where the averaged text encoder goes, in Hugging Face's layout", path())
  .addOption(deviceOption());

await runCommand(average, async ({ clip: folder, textEncoder, share, out, device: choice }, _args, session) => {
  const { inspectClip, loadClip } = await import("../lib/clip/files/model_folder.ts");
  const { inspectTextEncoder, loadTextEncoder, saveTextEncoder } = await import("../lib/clip/files/text_folder.ts");
  const { averageWeights } = await import("../lib/rtd/average_weights.ts");
  const { checkWritable } = await import("../lib/io/check_writable.ts");
  const found = faults();
  await found.check("Selecting the device", () => session.device(choice));
  const checked = await found.check(`Reading ${folder}`, () => inspectClip(folder));
  await found.check(`Reading ${textEncoder}`, async () => {
    if (checked) await inspectTextEncoder(checked, textEncoder);
    else await Deno.stat(textEncoder);
  });
  if ([folder, textEncoder].includes(out)) found.add(`--out is ${out}, which is read; name another folder.`);
  else await found.check(`Writing into ${out}`, () => checkWritable(out));
  found.throwIfAny("Averaging");
  const clip = await loadClip(folder, { towers: "text" }), tuned = await loadTextEncoder(clip, textEncoder);
  await saveTextEncoder(out, {
    clip,
    weights: averageWeights(clip.weights, tuned.weights, share),
    metadata: { clip: clip.hash, clipIdentity: clip.identity, fineTuned: tuned.hash, share: String(share) },
  });
  console.log(`${out}: ${share} of ${textEncoder}, ${Number((1 - share).toFixed(12))} of the frozen encoder`);
});

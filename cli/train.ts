/** `deno task train`: RTD on the user's own CLIP, phi and triplets, with validation. */
import { runCommand } from "./command.ts";
import { trainCommand } from "./train_options.ts";

await runCommand(trainCommand, async (options, _args, session) => {
  const { checkTraining } = await import("./train_checks.ts"), { runTraining } = await import("./train_run.ts");
  await runTraining(await checkTraining(options, session), session);
});

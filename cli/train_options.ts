/** The options of `deno task train`. */
import { benchmarkNames } from "../lib/benchmarks/benchmark.ts";
import { command } from "./command.ts";
import { deviceOption, oneOf, path, realNumber, wholeNumber } from "./options.ts";
import { recipeHelp, settings } from "./train_settings.ts";

/** The command with its options. */
export const trainCommand = command(
  "train",
  "Fine-tunes a CLIP's text encoder with RTD on text triplets, validates it on the way, and keeps the best.",
  [
    "deno task train --clip CLIP --phi phi.safetensors --triplets triplets.jsonl --out run",
    "deno task train --clip CLIP --phi phi.pt --triplets triplets.jsonl --out run --validate cirr --data CIRR",
    "deno task train --clip CLIP --phi phi.pt --triplets pairs.csv --out run --set lr=2e-5,steps=500 --resume",
  ],
)
  .requiredOption("--clip <folder>", "the CLIP, in Hugging Face's layout", path())
  .requiredOption("--phi <file>", "phi, of train-phi or a released checkpoint", path())
  .requiredOption("--triplets <file>", "the triplets; deno task triplets inspect says what is in a file", path())
  .requiredOption("--out <folder>", "the run: encoders, recipe, log, page, checkpoint", path())
  .option("--columns <names>", "columns of the triplets: reference=NAME,conditioning=NAME,target=NAME")
  .option(
    "--captions <file>",
    "captions of images, where the triplets name images; may be given more than once",
    (text: string, files: string[] | undefined) => [...(files ?? []), path()(text)],
  )
  .option("--recipe <name>", "paper, or a JSON file with the choices that differ from it", "paper")
  .option("--set <choices>", `choices of the recipe that differ, such as lr=2e-5,steps=500. ${recipeHelp}`, settings)
  .option(
    "--kept-captions <file>",
    "captions that keepCaptions preserves, such as those that triplets were made from (default: the targets)",
    path(),
  )
  .addOption(
    oneOf("--incomplete-batch <what>", "an epoch's last triplets (default: span; the released training drops them)", [
      "span",
      "drop",
    ]),
  )
  .addOption(oneOf("--validate <name>", "a benchmark to validate on (default: no validation)", benchmarkNames))
  .option("--data <folder>", "its folder, in the layout that its authors prescribe", path())
  .option("--split <name>", "its split; a task, or all of them, for genecis (default: val, all, or icir's test)")
  .option("--image-captions <file>", "captions in the place of its images: a mode of its own", path())
  .option("--every <steps>", "steps between validations; also at steps 0 and 50 (default: 100)", wholeNumber(1))
  .option("--best-by <figure>", "the figure of the best encoder (default: R@1; mAP@5 for circo, R@10 for fashioniq)")
  .option("--limit <count>", "validate on the first so many queries of each part", wholeNumber(1))
  .option("--allow-missing", "validate without the images that are missing")
  .addOption(oneOf("--counts <name>", "as-found for a part of a benchmark", ["published", "as-found"]))
  .option("--target-pad <ratio>", "pad images until they are at most this long (SEARLE: 1.25)", realNumber(1))
  .option("--cache <folder>", "cached features (default: .cache/features)", path())
  .option("--show <count>", "queries on the page", wholeNumber(0), 12)
  .addOption(oneOf("--encoder <name>", "how texts are encoded", ["packed", "plain"]).default("packed" as const))
  .option("--recompute", "less memory for more time: activations are computed again for the gradient")
  .option("--save-every <seconds>", "time between checkpoints (default: 20)", realNumber(0))
  .option("--resume", "go on from the checkpoint of a stopped run")
  .addOption(deviceOption());

/** The values of the options. */
export type TrainOptions = ReturnType<typeof trainCommand.opts>;

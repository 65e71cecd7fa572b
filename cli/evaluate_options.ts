/** The options of `deno task evaluate`. */
import { benchmarkNames } from "../lib/benchmarks/benchmark.ts";
import { captionOrders, queryMethods } from "../lib/evaluation/query_method.ts";
import { wordings } from "../lib/benchmarks/wording.ts";
import { command } from "./command.ts";
import { deviceOption, listOf, oneOf, path, realNumber, wholeNumber } from "./options.ts";

/** The command with its options. */
export const evaluateCommand = command(
  "evaluate",
  "Evaluates a CLIP, a phi and a text encoder on a benchmark of composed image retrieval: figures with intervals, the " +
    "ranking of every query, submissions for the servers of CIRR and CIRCO, and a page with images.",
  [
    "deno task evaluate --benchmark cirr --data CIRR --clip CLIP --phi phi.safetensors",
    "deno task evaluate --benchmark circo --split test --data CIRCO --clip CLIP --phi phi.pt --text-encoder fine-tuned.pt",
    'deno task evaluate --benchmark cirr --data CIRR --clip CLIP --limit 200 --methods "text only,image only"',
  ],
)
  .addOption(oneOf("--benchmark <name>", "the benchmark", benchmarkNames).makeOptionMandatory())
  .option("--split <name>", "the split; a task, or all of them, for genecis (default: val, all, or icir's test)")
  .requiredOption("--data <folder>", "the benchmark's folder, in the layout that its authors prescribe", path())
  .requiredOption("--clip <folder>", "the CLIP, in Hugging Face's layout", path())
  .option("--phi <file>", "phi; without it, what needs no phi is evaluated", path())
  .option("--pseudo-tokens <file>", "pseudo-tokens of train-phi --method searle-oti --images DATA", path())
  .option(
    "--text-encoder <path>",
    "a fine-tuned text encoder, a folder or a released .pt, beside the frozen one",
    path(),
  )
  .addOption(listOf("--methods <names>", "query methods, separated by commas (default: all possible)", queryMethods))
  .option("--limit <count>", "only the first so many queries of each part; the figures say so", wholeNumber(1))
  .option("--prompt <text>", 'of composed queries, with [$] and {text} (default: "a photo of [$] that {text}")')
  .addOption(
    oneOf("--orders <name>", "which of a query's texts are used (FashionIQ)", captionOrders).default(
      "mean of all" as const,
    ),
  )
  .addOption(
    oneOf("--wording <name>", "of queries; a released program's own, stamped on every figure", wordings)
      .default("paper" as const),
  )
  .addOption(
    oneOf("--sum <what>", "the features that the image + text sum adds; GeneCIS' program: raw", ["normalised", "raw"])
      .default("normalised" as const),
  )
  .option("--target-pad <ratio>", "pad images until they are at most this long (SEARLE: 1.25)", realNumber(1))
  .addOption(
    oneOf("--centre-crop <half>", "where half a pixel goes: down as Hugging Face, even as OpenAI and SEARLE", [
      "down",
      "even",
    ]).default("down" as const),
  )
  .option("--half", "round all weights to half precision, in which the released evaluations keep them")
  .option("--captions <file>", "captions in the place of images: a mode of its own", path())
  .option("--allow-missing", "go on without missing images, and stamp every figure")
  .addOption(
    oneOf("--counts <name>", "as-found for a part of a benchmark", ["published", "as-found"]).default(
      "published" as const,
    ),
  )
  .option("--cache <folder>", "cached image features (default: .cache/features)", path())
  .option("--out <folder>", "results (default: results/BENCHMARK-SPLIT, with -captions in that mode)", path())
  .option("--show <count>", "queries on the page", wholeNumber(0), 12)
  .addOption(oneOf("--export <name>", "predictions and relevance judgements for another program, too", ["mteb"]))
  .option("--resume", "keep the rows that a stopped evaluation finished")
  .addOption(deviceOption());

/** The values of the options. */
export type EvaluateOptions = ReturnType<typeof evaluateCommand.opts>;

/** `deno task triplets make`: text triplets from captions, by a rule, from pairs, or with a language model. */
import { oneOf, path, realNumber, wholeNumber } from "./options.ts";
import { subcommand } from "./subcommand.ts";

/** The command. */
export const makeCommand = subcommand(
  {
    task: "triplets",
    name: "make",
    description:
      "Makes triplets from captions: by a rule (a keyword is swapped), from pairs of captions that differ in " +
      "one span, or with a language model that sees examples. Ends with the report of inspect.",
    examples: [
      "deno task triplets make --method rule --captions captions.txt --out triplets.jsonl --count 100000",
      "deno task triplets make --method difference --captions captions_train2017.json --out triplets.jsonl",
      "deno task triplets make --method in-context --captions captions.txt --out triplets.jsonl --count 1000 " +
      "--model llama3.2 --endpoint http://localhost:11434/v1",
    ],
  },
  (start) =>
    start
      .addOption(oneOf("--method <name>", "how", ["rule", "difference", "in-context"]).makeOptionMandatory())
      .requiredOption(
        "--captions <file>",
        'captions, one a line, COCO\'s JSON, or JSON lines with "caption"; also as .gz',
        path(),
      )
      .requiredOption("--out <file>", "the triplets, JSON lines with what each was made from", path())
      .option("--count <count>", "triplets to make (default: one a caption; every pair that there is)", wholeNumber(1))
      .option("--seed <number>", "seed of every draw", wholeNumber(0, 2 ** 31 - 1), 0)
      .option("--clip <folder>", "the CLIP whose tokenizer counts tokens in the report", path())
      .option("--least-count <count>", "rule: uses of a word from which it is swapped in (default: 5)", wholeNumber(1))
      .option("--span-words <count>", "difference: words of a span, at most (default: 3)", wholeNumber(1, 10))
      .option("--shared-words <count>", "difference: words that a pair shares, at least (default: 4)", wholeNumber(1))
      .option("--model <name>", "in-context: the model's name at the endpoint")
      .option(
        "--endpoint <url>",
        "in-context: its address, up to and including /v1 (default: http://localhost:11434/v1); the key comes from " +
          "OPENAI_API_KEY",
      )
      .option(
        "--examples <file>",
        "in-context: a file of triplets to draw the examples from (default: our own)",
        path(),
      )
      .option("--shots <count>", "in-context: examples in a prompt (default: 4)", wholeNumber(1, 100))
      .option("--temperature <number>", "in-context: of the sampling (default: 0.7)", realNumber(0, 2))
      .option("--attempts <count>", "in-context: requests for a caption, at most (default: 4)", wholeNumber(1))
      .option("--parallel <count>", "in-context: requests at once (default: 4)", wholeNumber(1, 1000))
      .option("--price-in <price>", "in-context: price of a million prompt tokens, for the estimate", realNumber(0))
      .option("--price-out <price>", "in-context: price of a million reply tokens", realNumber(0))
      .option("--estimate", "in-context: say what it would take, and stop"),
  async (options, _args, session) => {
    const { checkMaking } = await import("./triplets_make_checks.ts");
    const { makeTriplets } = await import("./triplets_make_run.ts");
    const making = await checkMaking(options, session);
    await makeTriplets(making, session);
  },
);

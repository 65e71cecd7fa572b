/** `deno task phrases`: concept phrases for SEARLE, from any endpoint that speaks OpenAI's chat protocol. */
import { command, runCommand } from "./command.ts";
import { path, realNumber, wholeNumber } from "./options.ts";

const phrases = command(
  "phrases",
  "Asks a language model for short texts about concepts. The key of the endpoint comes from OPENAI_API_KEY.",
  [
    "deno task phrases --concepts concepts.txt --estimate --price-in 0.15 --price-out 0.6",
    "deno task phrases --concepts concepts.txt --model llama3.2 --endpoint http://localhost:11434/v1",
  ],
)
  .requiredOption("--concepts <file>", "concepts, one a line", path())
  .option(
    "--out <file>",
    "the file to fill; what it holds already is not asked for again (default: phrases.json)",
    path(),
  )
  .option("--endpoint <url>", "the address, up to and including /v1", "http://localhost:11434/v1")
  .option("--model <name>", "the model's name at the endpoint")
  .option("--each <count>", "phrases a concept", wholeNumber(1), 20)
  .option("--parallel <count>", "concepts asked about at once", wholeNumber(1), 4)
  .option("--price-in <price>", "price of a million prompt tokens, for the estimate", realNumber(0))
  .option("--price-out <price>", "price of a million reply tokens", realNumber(0))
  .option("--estimate", "say what it would take, and stop");

await runCommand(phrases, async (options, _args, session) => {
  const { endpoint, model, each, parallel, priceIn = NaN, priceOut = NaN, estimate } = options;
  const { estimateTokens, generatePhrases, missingConcepts } = await import(
    "../lib/projection/searle/generate_phrases.ts"
  );
  const { readConcepts } = await import("./read_concepts.ts");
  const { concepts, known, out } = await readConcepts(options);
  const wanted = missingConcepts(concepts, known, each), { prompt, reply } = estimateTokens(wanted, each);
  const cost = (priceIn * prompt + priceOut * reply) / 1e6;
  console.log(
    `${wanted.length} of ${concepts.length} concepts lack phrases: about ${prompt} prompt tokens and ${reply} reply tokens` +
      (Number.isNaN(cost) ? "" : `, about ${cost.toFixed(2)} at the prices given`) + ".",
  );
  if (estimate) return;
  session.whenStopped(`Stopped; finished concepts are kept. To go on: ${session.commandLine()}`);
  const bar = session.progress("asking for phrases");
  const report = await generatePhrases(concepts, out, {
    url: endpoint,
    model: model!,
    key: Deno.env.get("OPENAI_API_KEY"),
  }, {
    each,
    parallel,
    warn: () => {}, // readConcepts printed it.
    onProgress(done, total) {
      session.signal.throwIfAborted();
      bar.update(done, total);
    },
    onRetry: (reason, seconds) => console.error(`${reason}; again in ${seconds} s`),
  });
  bar.done();
  const { complete, failed, requests, promptTokens, replyTokens } = report;
  console.log(
    `${complete} concepts have ${each} phrases in ${out}; ${requests} requests, ${promptTokens} prompt tokens, ` +
      `${replyTokens} reply tokens.`,
  );
  if (failed.length === 0) return;
  const shown = failed.slice(0, 5).join(", ");
  throw new Error(
    `${failed.length} concepts got too few phrases that contain them: ${shown}; run again, or drop them.`,
  );
});

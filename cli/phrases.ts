/** `deno task phrases`: concept phrases for SEARLE, from any endpoint that speaks OpenAI's chat protocol. */
import { estimateTokens, generatePhrases, missingConcepts } from "../lib/projection/searle/generate_phrases.ts";
import { type Phrases, readPhrases } from "../lib/projection/searle/phrases.ts";
import { progress } from "../lib/report/progress.ts";
import { fail, readOptions, wholeNumber } from "./options.ts";

try {
  const options = readOptions("phrases", {
    concepts: { help: "a file of concepts, one a line" },
    out: { default: "phrases.json", help: "the file to fill; what it holds already is not asked for again" },
    endpoint: { default: "http://localhost:11434/v1", help: "the address, up to and including /v1" },
    model: { help: "the model's name at the endpoint" },
    each: { default: "20", help: "phrases a concept" },
    parallel: { default: "4", help: "concepts asked about at once" },
    "price-in": { help: "price of a million tokens asked, for the estimate" },
    "price-out": { help: "price of a million tokens answered" },
    estimate: { flag: true, help: "say what it would take, and stop" },
  });
  if (!options.concepts) throw new Error("--concepts is missing: a file of concepts, one a line.");
  const lines = (await Deno.readTextFile(options.concepts)).split("\n").map((line) => line.trim());
  const concepts = lines.filter((line) => line !== "");
  if (concepts.length === 0) throw new Error(`Reading ${options.concepts} failed: it holds no concept.`);
  const each = wholeNumber("each", options.each!, 1);
  const there = await Deno.stat(options.out!).then(() => true, () => false);
  const known: Phrases = there ? await readPhrases(options.out!) : new Map();
  const wanted = missingConcepts(concepts, known, each);
  const { prompt, reply } = estimateTokens(wanted, each);
  const price = (name: "price-in" | "price-out") => {
    const value = Number(options[name] ?? NaN);
    if (options[name] !== undefined && !(value >= 0)) throw new Error(`--${name} "${options[name]}" is not a price.`);
    return value;
  };
  const cost = (price("price-in") * prompt + price("price-out") * reply) / 1e6;
  console.log(
    `${wanted.length} of ${concepts.length} concepts to ask about: about ${prompt} tokens asked and ${reply} answered` +
      (Number.isNaN(cost) ? "" : `, about ${cost.toFixed(2)} at the prices given`) + ".",
  );
  if (options.estimate === "true") Deno.exit(0);
  if (!options.model) throw new Error("--model is missing: the model's name at the endpoint.");
  const bar = progress("asking for phrases");
  const report = await generatePhrases(
    concepts,
    options.out!,
    { url: options.endpoint!, model: options.model, key: Deno.env.get("OPENAI_API_KEY") },
    {
      each,
      parallel: wholeNumber("parallel", options.parallel!, 1),
      onConcept: bar.update,
      onRetry: (reason, seconds) => console.error(`${reason}; again in ${seconds} s`),
    },
  );
  bar.done();
  const { complete, failed, questions, promptTokens, replyTokens } = report;
  console.log(
    `${complete} concepts have ${each} phrases in ${options.out}; ${questions} questions, ${promptTokens} tokens asked, ` +
      `${replyTokens} answered.`,
  );
  if (failed.length > 0) {
    const shown = failed.slice(0, 5).join(", ");
    throw new Error(
      `${failed.length} concepts got too few phrases that contain them: ${shown}; run again, or drop them.`,
    );
  }
  Deno.exit(0);
} catch (error) {
  fail(error);
}

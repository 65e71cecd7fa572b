import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  cleanConcepts,
  generatePhrases,
  missingConcepts,
  phrasePrompt,
} from "../../lib/projection/searle/generate_phrases.ts";
import {
  maskConcept,
  parsePhrases,
  phraseDrawer,
  rankConcepts,
  readPhrases,
  readTemplates,
} from "../../lib/projection/searle/phrases.ts";
import * as tf from "../../lib/tensors/tf.ts";
import { useDevice } from "../../lib/backend/device.ts";
import { encodeTexts } from "../../lib/clip/encode.ts";
import { emojiCatalogue } from "../../lib/emoji/data/catalogue.ts";
import { loadEmbeddedModel } from "../../lib/emoji/model/embedded_model.ts";
import { emojiPhrases } from "../../lib/emoji/data/phi_data.ts";
import { random } from "../../lib/tensors/random.ts";

Deno.test("maskConcept: a concept is replaced as whole words, once, and found only so", () => {
  assertEquals(maskConcept("a red apple on a table", "apple"), "a red [$] on a table");
  assertEquals(maskConcept("apple", "apple"), "[$]");
  assertEquals(maskConcept("a pineapple", "apple"), undefined);
  assertEquals(maskConcept("an apple-green car", "apple"), undefined);
  assertEquals(maskConcept("hot dog and hot dog", "hot dog"), "[$] and hot dog");
  assertEquals(maskConcept("c++ (code)", "c++"), "[$] (code)");
});

Deno.test("parsePhrases: a phrases file without concept, phrase or sense is refused by name", async () => {
  assertThrows(() => parsePhrases({}, "f"), Error, "no object from concepts to phrases, or an empty one");
  assertThrows(() => parsePhrases(["apple"], "f"), Error, "no object from concepts");
  assertThrows(() => parsePhrases({ apple: [] }, "f"), Error, '"apple" in f has no list of phrases');
  assertThrows(
    () => parsePhrases({ apple: ["a red apple", "a pear"] }, "f"),
    Error,
    '"a pear" in f does not contain its concept "apple"',
  );
  await assertRejects(() => readPhrases("no/such.json"), Error, 'make one with "deno task phrases"');
});

Deno.test("parsePhrases: a concept that cleans to nothing is dropped and named, the others are kept", async () => {
  const warnings: string[] = [], warn = (message: string) => void warnings.push(message);
  const damaged = { apple: ["a red apple"], "": ["anything"], " $ ": ["a $ sign"] };
  assertEquals([...parsePhrases(damaged, "f", warn)], [["apple", ["a red apple"]]]);
  assertEquals(warnings, ['Concepts of f were dropped, because cleaning leaves nothing of them: "", " $ ".']);
  assertThrows(
    () => parsePhrases({ "$": ["x"] }, "f", warn),
    Error,
    'or an empty one (cleaning leaves nothing of "$").',
  );
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, JSON.stringify(damaged));
  assertEquals((await readPhrases(file, warn)).size, 1);
  assert(warnings[1].startsWith(`Concepts of ${file} were dropped`), warnings[1]);
  await Deno.remove(file);
});

Deno.test("parsePhrases: the phrases of names that clean to one concept are joined", () => {
  const phrases = parsePhrases({ Dog: ["a Dog", "my dog"], cat: ["a cat"], " dog$": ["MY DOG", "the dog"] }, "f");
  assertEquals([...phrases], [["dog", ["a dog", "my dog", "the dog"]], ["cat", ["a cat"]]]);
});

Deno.test("cleanConcepts: lines that mean one concept become one, and a line without any is refused by its number", () => {
  assertEquals(cleanConcepts(["Dog", "", "  ", "dog", "$cat"]), ["dog", "cat"]);
  const error = assertThrows(() => cleanConcepts(["dog", "", " $$ "]), Error);
  assertEquals(
    error.message,
    'Asking for phrases failed: cleaning leaves nothing of line 3 of the concepts, "$$"; change that line, or drop it.',
  );
  assertThrows(() => missingConcepts(["dog", "$"], new Map(), 2), Error, 'line 2 of the concepts, "$"');
});

Deno.test("phraseDrawer: the embedded phrases contain their concepts, and are drawn from those that CLIP sees", async () => {
  await useDevice("wasm");
  const phrases = emojiPhrases(await emojiCatalogue());
  assert(phrases.size > 2000, String(phrases.size));
  for (const [concept, list] of phrases) {
    assert(list.length > 0 && list.every((phrase) => maskConcept(phrase, concept) !== undefined), concept);
  }
  const { clip } = await loadEmbeddedModel({ size: "small" });
  // Texts stand in for images: what "red apple" means is near the concept "apple".
  const features = await encodeTexts(clip, ["red apple", "woman running"]);
  const draw = await phraseDrawer(clip, features, phrases, 3);
  const rng = random(1), drawn = Array.from({ length: 30 }, () => draw(0, rng));
  assert(drawn.some(({ phrase }) => phrase.includes("apple")), JSON.stringify(drawn.slice(0, 5)));
  assert(drawn.every(({ masked }) => masked.includes("[$]")));
  tf.dispose(features);
});

Deno.test("rankConcepts: concepts are ranked by the normalised mean over templates, and drawn among any number of the best", async () => {
  await useDevice("wasm");
  const { clip } = await loadEmbeddedModel({ size: "small" });
  const concepts = ["apple", "dog", "heart", "car", "woman"], templates = ["a photo of [$]", "[$]", "a drawing of [$]"];
  const phrases = new Map(concepts.map((concept) => [concept, [`a ${concept}`]]));
  const features = await encodeTexts(clip, ["red apple", "woman running"]);
  // The same mean, spelled out.
  const similarities = await Promise.all(concepts.map(async (concept) => {
    const rows = await encodeTexts(clip, templates.map((template) => template.replace("[$]", concept)));
    const mean = tf.tidy(() => {
      const unit = tf.div(rows, tf.norm(rows, "euclidean", 1, true));
      const sum = tf.mean(unit, 0, true);
      const cosine = tf.matMul(
        tf.div(sum, tf.norm(sum)),
        tf.div(features, tf.norm(features, "euclidean", 1, true)),
        false,
        true,
      );
      return cosine.arraySync() as number[][];
    });
    rows.dispose();
    return mean[0];
  }));
  const best = (image: number, count: number) =>
    concepts.toSorted((a, b) => similarities[concepts.indexOf(b)][image] - similarities[concepts.indexOf(a)][image])
      .slice(0, count);
  const before = tf.memory().numTensors;
  const ranked = await rankConcepts(clip, features, phrases, 3, { templates });
  assertEquals(tf.memory().numTensors, before);
  const drawn = (image: number, count: number) => {
    const draw = ranked.drawer(count), rng = random(2);
    return new Set(Array.from({ length: 60 }, () => draw(image, rng).phrase.slice(2)));
  };
  for (const count of [1, 2, 3]) assertEquals(drawn(0, count), new Set(best(0, count)));
  assertEquals(drawn(1, 3), new Set(best(1, 3)));
  assertThrows(() => ranked.drawer(4), Error, "4 concepts are asked for, 3 were ranked");
  // What is drawn from has a hash of its own: of the concepts, their number and the templates.
  const usual = await phraseDrawer(clip, features, phrases, 3),
    one = await phraseDrawer(clip, features, phrases, 3, { templates: ["[$]"] });
  const hashes = [ranked.drawer(3), ranked.drawer(2), usual, one].map((draw) => draw.data());
  assertEquals(new Set(await Promise.all(hashes)).size, 4);
  tf.dispose(features);
});

Deno.test("readTemplates: prompts are one a line with {} or [$], and one without, or with two, is refused", async () => {
  const file = await Deno.makeTempFile(),
    read = async (text: string) => {
      await Deno.writeTextFile(file, text);
      return await readTemplates(file);
    };
  assertEquals(await read("{}\n\n A photo of {} \r\na [$]\n"), ["[$]", "a photo of [$]", "a [$]"]);
  await assertRejects(
    () => read("{}\na photo\n"),
    Error,
    'the template "a photo" has not one {} (or [$]); correct it.',
  );
  await assertRejects(() => read("{} and {}\n"), Error, 'the template "[$] and [$]" has not one {}');
  await assertRejects(() => read("\n"), Error, "there are no templates; write one a line, with {}.");
  await Deno.remove(file);
});

/** A stand-in for a language model, behind the protocol. */
function standIn(answer: (question: string, count: number) => Response): { url: string; close: () => Promise<void> } {
  let count = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    assertEquals(new URL(request.url).pathname, "/v1/chat/completions");
    const { model, messages } = await request.json();
    assertEquals(model, "small");
    return answer(messages[0].content, ++count);
  });
  return { url: `http://127.0.0.1:${server.addr.port}/v1`, close: () => server.shutdown() };
}

const completion = (content: string) =>
  Response.json({ choices: [{ message: { content } }], usage: { prompt_tokens: 40, completion_tokens: 30 } });

Deno.test("generatePhrases: phrases come from an endpoint that is busy, talks nonsense and numbers its lines", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/phrases.json`;
  const retries: string[] = [];
  const server = standIn((question, count) => {
    if (count === 1) return new Response("busy", { status: 429, headers: { "retry-after": "0" } });
    if (count === 2) return new Response("<html>", { status: 200 });
    if (question.includes('"unicorn"')) return completion("I cannot help with that.");
    const [, concept] = question.match(/"(.+?)"/)!;
    return completion(`1. a ${concept} on a table\n- "A ${concept} in the rain."\n3) nothing of the kind\n`);
  });
  const options = { each: 2, parallel: 1, wait: 0, onRetry: (reason: string) => void retries.push(reason) };
  const report = await generatePhrases(
    ["apple", "Dog", "unicorn"],
    file,
    { url: server.url, model: "small" },
    options,
  );
  assertEquals([report.complete, report.failed], [2, ["unicorn"]]);
  assertEquals(retries.map((reason) => reason.slice(0, 20)), ["it said 429 busy", "its answer is no cha"]);
  assertEquals([report.requests, report.promptTokens], [5, 200]);
  assertEquals(JSON.parse(await Deno.readTextFile(file)), {
    apple: ["a apple on a table", "a apple in the rain"],
    dog: ["a dog on a table", "a dog in the rain"],
  });
  // What is there is not asked for again.
  const again = await generatePhrases(["apple", "dog"], file, { url: server.url, model: "small" }, options);
  assertEquals([again.requests, again.complete], [0, 2]);
  await server.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("generatePhrases: a concept that cleans to nothing is refused before anything is asked", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/phrases.json`;
  let asked = 0;
  const server = standIn(() => {
    asked++;
    return completion("a dog here");
  });
  const ask = (concepts: string[]) =>
    generatePhrases(concepts, file, { url: server.url, model: "small" }, { each: 1, attempts: 1, warn: () => {} });
  await assertRejects(() => ask(["dog", "$"]), Error, 'cleaning leaves nothing of line 2 of the concepts, "$"');
  assertEquals(asked, 0);
  assertEquals([...Deno.readDirSync(folder)], []);
  // A file that holds one already is gone on with, and loses it.
  await Deno.writeTextFile(file, JSON.stringify({ "": ["a coin"], Cat: ["a cat"], cat: ["the cat"] }));
  assertEquals((await ask(["dog", "cat"])).complete, 2);
  assertEquals(JSON.parse(await Deno.readTextFile(file)), { cat: ["a cat", "the cat"], dog: ["a dog here"] });
  await server.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("generatePhrases: an endpoint that stops half-way, or refuses, is one sentence, and what was finished stays", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/phrases.json`;
  const server = standIn((question, count) =>
    count > 1 ? new Response("no such model", { status: 404 }) : completion(`a ${question.match(/"(.+?)"/)![1]} here`)
  );
  const ask = (url: string) =>
    generatePhrases(["apple", "dog", "cat"], file, { url, model: "small" }, {
      each: 1,
      parallel: 1,
      retries: 1,
      wait: 0,
    });
  await assertRejects(() => ask(server.url), Error, 'for "small" failed: it said 404 no such model.');
  await server.close();
  await assertRejects(() => ask(server.url), Error, "failed 2 times: it cannot be reached, or broke off.");
  assertEquals(JSON.parse(await Deno.readTextFile(file)), { apple: ["a apple here"] });
  await Deno.writeTextFile(file, "{");
  await assertRejects(() => ask(server.url), Error, "Going on with phrases failed");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("phrasePrompt: names the concept and the number", () => {
  const question = phrasePrompt("hot dog", 20);
  assert(question.includes('"hot dog"') && question.includes("20"));
});

Deno.test("generatePhrases: numbers below 1 are refused before anything is asked", async () => {
  const ask = (parallel: number) =>
    generatePhrases(["dog"], "no/file", { url: "http://localhost:9", model: "m" }, { each: 1, parallel });
  await assertRejects(() => ask(0), Error, "parallel is 0, expected a whole number of at least 1");
});

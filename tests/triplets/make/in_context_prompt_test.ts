import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inContextExamples } from "../../../lib/triplets/make/in_context_examples.ts";
import { inContextPrompt, parseReply, type refusals } from "../../../lib/triplets/make/in_context_prompt.ts";

const reference = "A dog on a bed.";
const parse = (reply: string) => parseReply(reply, reference, inContextExamples);
const lines = (conditioning: string, target: string) => `Instruction: ${conditioning}\nNew caption: ${target}`;

Deno.test("inContextPrompt: the examples come first, the caption last and without its answer", () => {
  const prompt = inContextPrompt(reference, inContextExamples.slice(0, 2));
  assertEquals(
    prompt.split("\n").slice(2).join("\n"),
    [
      "Caption: A brown dog sleeping on a red couch.",
      "Instruction: replace the dog with two kittens",
      "New caption: Two kittens sleeping on a red couch.",
      "",
      "Caption: A man in a blue shirt riding a bicycle along a river.",
      "Instruction: make his shirt yellow and let him walk beside the bicycle",
      "New caption: A man in a yellow shirt walking beside a bicycle along a river.",
      "",
      "Caption: A dog on a bed.",
    ].join("\n"),
  );
  assertStringIncludes(prompt.split("\n")[0], 'the two lines that begin with "Instruction:" and "New caption:"');
});

Deno.test("inContextExamples: each would be accepted as a reply", () => {
  for (const { reference, conditioning, target } of inContextExamples) {
    assertEquals(parseReply(lines(conditioning, target), reference, []), { conditioning, target });
  }
  assert(inContextExamples.length >= 10);
});

Deno.test("parseReply: the two lines are found among what models write around them", () => {
  const expected = { conditioning: "replace the dog with a cat", target: "A cat on a bed." };
  for (
    const reply of [
      "Instruction: replace the dog with a cat\nNew caption: A cat on a bed.",
      "Sure! Here it is:\n\n**Instruction:** replace the dog with a cat\n\n**New caption:** A cat on a bed.\n\nEnjoy!",
      '- instruction: "replace the dog  with a cat"\r\n- new caption: "A cat on a bed."\r\n',
      "> *Instruction*: replace the dog with a cat\n> *New Caption*: A cat on a bed.",
    ]
  ) assertEquals(parse(reply), expected, reply);
  const sign = { conditioning: 'let the sign say "stop"', target: "'Stop' on a sign over a bed" };
  assertEquals(parse(lines(sign.conditioning, sign.target)), sign);
});

Deno.test("parseReply: every reason for which a reply makes no triplet", () => {
  const long = Array(75).fill("very").join(" ");
  const cases: [string, keyof typeof refusals][] = [
    ["I am sorry, but I cannot help with that.", "form"],
    ["Instruction: replace the dog", "form"],
    ["", "form"],
    [lines("", "A cat on a bed."), "empty"],
    [lines('"$"', "A cat on a bed."), "empty"],
    [lines("replace the dog", "**"), "empty"],
    [lines("replace the dog", "a DOG on a bed!"), "same"],
    [lines("A cat on a bed", "A cat on a bed."), "repeated"],
    [lines("a dog on a bed", "A cat on a bed."), "repeated"],
    [lines(long, "A cat on a bed."), "long"],
    [lines("make it long", `A ${long} cat`), "long"],
    [lines("replace the dog with two kittens", "Two kittens sleeping on a red couch."), "copied"],
  ];
  for (const [reply, refusal] of cases) assertEquals(parse(reply), { refusal }, reply);
});

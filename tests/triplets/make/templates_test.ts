import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  adjectiveTemplates,
  nounTemplates,
  phraseTemplates,
  wordChange,
} from "../../../lib/triplets/make/templates.ts";
import { articleOf, numberOf, singularOf } from "../../../lib/triplets/make/noun_forms.ts";

Deno.test("wordChange: every wording of every bank says the old word and the new one, and no slot is left", () => {
  for (const plural of [false, true]) {
    for (const template of [...nounTemplates, ...adjectiveTemplates, ...phraseTemplates]) {
      const text = wordChange(template, { old: "OLD", new: "NEW", noun: { text: "bus", plural } });
      assertStringIncludes(text, "OLD", template);
      assertStringIncludes(text, "NEW", template);
      assertEquals(/[{}]|undefined/.test(text), false, text);
    }
  }
  const all = [...nounTemplates, ...adjectiveTemplates, ...phraseTemplates];
  for (const bank of [nounTemplates, adjectiveTemplates, phraseTemplates]) {
    assertEquals(new Set(bank).size, bank.length);
  }
  assertEquals(all.length, 37);
});

Deno.test("wordChange: verb and article follow the noun", () => {
  const change = { old: "red", new: "orange", noun: { text: "bus", plural: false } };
  assertEquals(wordChange("the {noun} {is} {new}, not {old}", change), "the bus is orange, not red");
  assertEquals(wordChange("show {a new noun}, not {old}", change), "show an orange bus, not red");
  const many = { ...change, noun: { text: "buses", plural: true } };
  assertEquals(wordChange("the {noun} {is} {new}, not {old}", many), "the buses are orange, not red");
  assertEquals(wordChange("show {a new noun}, not {old}", many), "show orange buses, not red");
  assertEquals(wordChange("{new}, not {old}", { old: "$1 and $&", new: "b" }), "b, not $1 and $&");
});

Deno.test("noun forms: articles and numbers", () => {
  assertEquals(["orange", "unicorn", "hour", "umbrella", "bus"].map(articleOf), ["an", "a", "an", "an", "a"]);
  const nouns = ["dog", "dogs", "fire hydrants", "bus", "people", "sheep", "glass"];
  assertEquals(nouns.map(numberOf), ["singular", "plural", "plural", "singular", "plural", undefined, "singular"]);
  assertEquals(singularOf("fire hydrants"), "fire hydrant");
});

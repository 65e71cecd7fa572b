import { assertEquals, assertThrows } from "@std/assert";
import { nearestName } from "../../lib/io/nearest_name.ts";
import { type Schema, schemaFaults } from "../../lib/io/schema_faults.ts";

const schema: Schema = {
  type: "object",
  required: ["name"],
  additionalProperties: false,
  properties: {
    name: { type: "string", minLength: 1 },
    list: { type: "array", minItems: 1, items: { $ref: "#/$defs/count" } },
    texts: { type: "object", additionalProperties: { type: "string" } },
    free: { type: "object" },
    on: { type: "boolean" },
    kind: { enum: ["one", "two"] },
  },
  $defs: { count: { type: "integer", minimum: 2 } },
};

Deno.test("schemaFaults: a value of the schema has none", () => {
  assertEquals(
    schemaFaults({ name: "a", list: [2], texts: { x: "y" }, free: { any: 1 }, on: true, kind: "two" }, schema),
    [],
  );
});

Deno.test("schemaFaults: names everything that is wrong, with its place", () => {
  assertEquals(schemaFaults([], schema), ["the file is [], expected an object"]);
  assertEquals(schemaFaults({ list: [1, 2.5, "3"], texts: { x: 1 }, on: 0, kind: "twoo", naem: "a" }, schema), [
    "name is missing",
    "list[0] is 1, expected at least 2",
    "list[1] is 2.5, expected a whole number",
    'list[2] is "3", expected a whole number',
    "texts.x is 1, expected a text",
    "on is 0, expected true or false",
    'kind is "twoo", expected one of "one", "two"; did you mean "two"?',
    'naem is no key; did you mean "name"?',
  ]);
  assertEquals(schemaFaults({ name: "", list: [], zzzzzz: 1 }, schema), [
    "name is an empty text",
    "list has 0 entries, expected at least 1",
    "zzzzzz is no key; there are name, list, texts, free, on, kind",
  ]);
});

Deno.test("schemaFaults: a keyword that would go unchecked is refused", () => {
  assertThrows(() => schemaFaults("a", { pattern: "b" } as Schema), Error, 'the keyword "pattern" is not supported');
  assertThrows(() => schemaFaults("a", { $ref: "#/$defs/none" }), Error, 'it has no part "#/$defs/none"');
});

Deno.test("nearestName: the fewest typing errors, and nothing for another word", () => {
  assertEquals(nearestName("foldr", ["name", "folder"]), "folder");
  assertEquals(nearestName("Folder", ["folder"]), "folder");
  assertEquals(nearestName("benchmark", ["name", "clips"]), undefined);
  // One letter away from both: a beginning says more than a typing error.
  assertEquals(nearestName("circ", ["cirr", "circo"]), "circo");
  assertEquals(nearestName("triplet", ["task-discrepancy", "triplet-sources"]), "triplet-sources");
  assertEquals(nearestName("ci", ["circo"]), undefined);
});

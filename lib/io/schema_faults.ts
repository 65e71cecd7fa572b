/** Checks a JSON value by a JSON schema, in sentences that a person can act on. */
import { isObject } from "./json_values.ts";
import { nearestName } from "./nearest_name.ts";
import { shown } from "./shown.ts";

/** The part of JSON Schema that {@linkcode schemaFaults} knows; it refuses a schema with anything else. */
export interface Schema {
  /** Of a schema file. */
  $schema?: string;
  /** Of a schema file. */
  $id?: string;
  /** Named parts, to which `$ref` points. */
  $defs?: Record<string, Schema>;
  /** Another part: "#/$defs/NAME". */
  $ref?: string;
  /** For readers. */
  title?: string;
  /** For readers. */
  description?: string;
  /** For readers: what holds where the key is left out. */
  default?: unknown;
  /** The type of the value. */
  type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  /** Schemas of an object's values. */
  properties?: Record<string, Schema>;
  /** Keys that an object must have. */
  required?: string[];
  /** Schema of an object's other values; `false`: there are none. */
  additionalProperties?: Schema | false;
  /** Schema of the items of a list. */
  items?: Schema;
  /** Least number of items. */
  minItems?: number;
  /** Least number. */
  minimum?: number;
  /** Least number of letters. */
  minLength?: number;
  /** The values that are allowed. */
  enum?: unknown[];
}

const known = new Set<string>([
  ...["$schema", "$id", "$defs", "$ref", "title", "description", "default", "type", "properties", "required"],
  ...["additionalProperties", "items", "minItems", "minimum", "minLength", "enum"],
]);

/**
 * Returns everything by which a value differs from a schema, a sentence's predicate each, such as
 * `clips[0].phis is missing`.
 *
 * @throws {Error} if the schema uses a keyword that is not known here: nothing of it shall go unchecked
 */
export function schemaFaults(value: unknown, schema: Schema, root = schema, at = ""): string[] {
  const odd = Object.keys(schema).find((keyword) => !known.has(keyword));
  if (odd !== undefined) throw new Error(`Checking by a schema failed: the keyword "${odd}" is not supported.`);
  if (schema.$ref !== undefined) {
    const part = root.$defs?.[schema.$ref.replace("#/$defs/", "")];
    if (!part) throw new Error(`Checking by a schema failed: it has no part "${schema.$ref}".`);
    return schemaFaults(value, part, root, at);
  }
  const name = at === "" ? "the file" : at, { type, properties = {}, required = [], items } = schema;
  if (type !== undefined && !isOf(value, type)) return [`${name} is ${shown(value)}, expected ${withArticle(type)}`];
  if (schema.enum && !schema.enum.includes(value)) {
    const guess = nearestName(String(value), schema.enum.map(String));
    return [
      `${name} is ${shown(value)}, expected one of ${schema.enum.map(shown).join(", ")}` +
      (guess === undefined ? "" : `; did you mean ${shown(guess)}?`),
    ];
  }
  if (typeof value === "number" && value < (schema.minimum ?? -Infinity)) {
    return [`${name} is ${value}, expected at least ${schema.minimum}`];
  }
  if (typeof value === "string" && value.length < (schema.minLength ?? 0)) return [`${name} is an empty text`];
  if (Array.isArray(value)) {
    const few = value.length < (schema.minItems ?? 0)
      ? [`${name} has ${value.length} entries, expected at least ${schema.minItems}`]
      : [];
    return [...few, ...items ? value.flatMap((one, i) => schemaFaults(one, items, root, `${at}[${i}]`)) : []];
  }
  if (!isObject(value)) return [];
  const inside = (key: string) => at === "" ? key : `${at}.${key}`, other = schema.additionalProperties;
  return [
    ...required.filter((key) => !Object.hasOwn(value, key)).map((key) => `${inside(key)} is missing`),
    ...Object.entries(value).flatMap(([key, one]) => {
      if (Object.hasOwn(properties, key)) return schemaFaults(one, properties[key], root, inside(key));
      if (other) return schemaFaults(one, other, root, inside(key));
      if (other === undefined) return [];
      const guess = nearestName(key, Object.keys(properties).filter((name) => !Object.hasOwn(value, name)));
      return [
        `${inside(key)} is no key` +
        (guess === undefined ? `; there are ${Object.keys(properties).join(", ")}` : `; did you mean "${guess}"?`),
      ];
    }),
  ];
}

function isOf(value: unknown, type: NonNullable<Schema["type"]>): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value) && !Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
  }
}

function withArticle(type: NonNullable<Schema["type"]>): string {
  const names = { object: "an object", array: "a list", string: "a text", number: "a number" };
  const others = { integer: "a whole number", boolean: "true or false" };
  return { ...names, ...others }[type];
}

/** Seeded mutations of inputs. */
import type { Random } from "../../lib/tensors/random.ts";
import type { Sample } from "./parser.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Returns a changed copy of a sample's content. @param rng decides everything */
export function mutate({ form, bytes }: Sample, rng: Random): Uint8Array {
  switch (form) {
    case "bytes":
      return mutateBytes(bytes, rng);
    case "json": {
      const changed = mutateJson(JSON.parse(decoder.decode(bytes)), rng);
      const text = encoder.encode(written(changed, rng));
      return rng.int(16) === 0 ? mutateText(text, rng) : text;
    }
    case "text":
      return mutateText(bytes, rng);
  }
}

/** Numbers that lengths, offsets and counts break at. */
const edges = [0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff];

/** Changes some bytes, whole numbers or stretches. */
export function mutateBytes(input: Uint8Array, rng: Random): Uint8Array {
  let bytes = input.slice();
  for (let round = rng.int(4); round >= 0; round--) {
    if (bytes.length === 0) return bytes;
    const at = nearEnds(bytes.length, rng);
    switch (rng.int(8)) {
      case 0:
        bytes = bytes.slice(0, at);
        break;
      case 1: { // a stretch is repeated, or dropped
        const length = rng.int(Math.min(64, bytes.length - at) + 1);
        const again = rng.int(2) === 0 ? bytes.slice(at, at + length) : new Uint8Array();
        bytes = joined(bytes.slice(0, at), again, bytes.slice(at + (again.length > 0 ? 0 : length)));
        break;
      }
      case 2: {
        const view = new DataView(bytes.buffer), number = edges[rng.int(edges.length)];
        if (at + 4 <= bytes.length) view.setUint32(at, number, true);
        break;
      }
      case 3: {
        const view = new DataView(bytes.buffer);
        if (at + 2 <= bytes.length) view.setUint16(at, edges[rng.int(edges.length)] & 0xffff, true);
        break;
      }
      case 4: {
        const from = rng.int(bytes.length), length = rng.int(16);
        bytes.copyWithin(at, from, from + length);
        break;
      }
      default:
        bytes[at] = rng.int(3) === 0 ? bytes[at] ^ (1 << rng.int(8)) : rng.int(256);
    }
  }
  return bytes;
}

/** Headers and directories are at the ends of a file, so half of the changes go there. */
function nearEnds(length: number, rng: Random): number {
  const margin = Math.min(length, 256);
  switch (rng.int(4)) {
    case 0:
      return rng.int(margin);
    case 1:
      return length - 1 - rng.int(margin);
    default:
      return rng.int(length);
  }
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Values that a JSON file should not hold where it holds another. */
const oddValues: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 0.5, -0.5, 1e308, -1e308, 1e-320, 2 ** 53, 2 ** 31, 100_000, 1_000_000],
  ...["", " ", "x", "\u0000", "\n", "\r\n", "\u2028", "\ud800", "\ufeff", "../x", "/x", "x/../../y", "C:\\x"],
  ...["__proto__", "constructor", "toString", "$", "[$]", "<PERSON>", "NaN", "1", "\u202e", "e\u0301"],
  ...[[], [[]], [null], [0], [[[[]]]], {}, { toString: 1 }, { length: -1 }, { constructor: null }, { a: { b: [] } }],
];

const oddKeys = ["__proto__", "constructor", "prototype", "toString", "length", "hasOwnProperty", "", "0", "id"];

type Place = [holder: Record<string, unknown>, key: string];

/** Replaces, removes, repeats, renames, nests or moves up to four values of a JSON value, its whole included. */
export function mutateJson(value: unknown, rng: Random): unknown {
  const root: Record<string, unknown> = { value };
  let mayGrow = rng.int(8) === 0;
  for (let round = rng.int(4); round >= 0; round--) {
    const places: Place[] = [];
    collect(root, places);
    if (places.length === 0) break;
    const any = () => places[rng.int(places.length)];
    const [holder, key] = any(), [other, from] = any();
    // Not a loop: an ancestor that is copied into its own descendant would hold itself.
    const copy = () => JSON.parse(JSON.stringify(other[from]) ?? "null");
    switch (rng.int(12)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case 1:
        put(holder, key, copy());
        break;
      case 2:
        if (Array.isArray(holder)) holder.splice(Number(key), 0, copy());
        else put(holder, `${key}2`, copy());
        break;
      case 3: {
        if (Array.isArray(holder) || holder === root) break;
        const value = holder[key];
        delete holder[key];
        put(holder, oddKeys[rng.int(oddKeys.length)], value);
        break;
      }
      case 4:
        put(holder, key, [holder[key]]);
        break;
      case 5:
      case 6:
        put(holder, key, changedScalar(holder[key], rng));
        break;
      case 7:
        // Once an input: a large value of large values would not fit into the memory.
        if (mayGrow) put(holder, key, large(holder[key], rng));
        mayGrow = false;
        break;
      case 8:
        if (holder !== root && other !== root) {
          const first = copy(), second = JSON.parse(JSON.stringify(holder[key]) ?? "null");
          put(holder, key, first);
          put(other, from, second);
        }
        break;
      default:
        put(holder, key, oddValue(rng));
    }
  }
  return root.value;
}

function collect(holder: unknown, places: Place[]): void {
  if (typeof holder !== "object" || holder === null) return;
  for (const key of Object.keys(holder)) {
    places.push([holder as Record<string, unknown>, key]);
    collect((holder as Record<string, unknown>)[key], places);
  }
}

/** Sets an own property, "__proto__" too, which an assignment would take for the prototype. */
function put(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function changedScalar(value: unknown, rng: Random): unknown {
  if (typeof value === "number") {
    const changed = [value + 1, value - 1, -value, value * 1000, value / 3, value + 0.5, 2 * value, String(value)];
    return changed[rng.int(changed.length)];
  }
  if (typeof value === "string") {
    const at = rng.int(value.length + 1);
    const changed = [value.slice(0, at), value.toUpperCase(), `${value}${value}`, ` ${value} `, `../${value}`];
    if (rng.int(2) === 0) return value.slice(0, at) + oddText(rng) + value.slice(at);
    return changed[rng.int(changed.length)];
  }
  return oddValue(rng);
}

/** A copy, since a later round may change it. */
function oddValue(rng: Random): unknown {
  return structuredClone(oddValues[rng.int(oddValues.length)]);
}

/** A value that is large or deep: readers have bounds, or take it in linear time. */
function large(value: unknown, rng: Random): unknown {
  // Many copies of what is small only.
  switch ((JSON.stringify(value) ?? "").length < 1000 ? rng.int(4) : 0) {
    case 0:
      return "x".repeat(100_000);
    case 1:
      return Array.from({ length: 2000 }, () => value);
    case 2:
      return Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, value]));
    default: {
      let deep: unknown = value;
      for (let depth = 0; depth < 300; depth++) deep = rng.int(2) === 0 ? [deep] : { deep };
      return deep;
    }
  }
}

function written(value: unknown, rng: Random): string {
  const text = JSON.stringify(value) ?? "";
  switch (rng.int(40)) {
    case 0:
      return `\ufeff${text}`;
    case 1:
      return JSON.stringify(value, null, 2)?.replaceAll("\n", "\r\n") ?? "";
    case 2:
      return text.replace(/-?\d+/, ["NaN", "1e999", "-0", "1e400", "0x10"][rng.int(5)]);
    case 3: {
      // Deeper than a function that calls itself can follow.
      if (rng.int(10) > 0) return text;
      const depth = 20_000, deep = `${"[".repeat(depth)}${"]".repeat(depth)}`, values = [...text.matchAll(/-?\d+/g)];
      if (values.length === 0) return deep;
      const { index, 0: value } = values[rng.int(values.length)];
      return text.slice(0, index) + deep + text.slice(index + value.length);
    }
    default:
      return text;
  }
}

const oddTexts = ["\r", "\r\n", "\n\n", "\0", "$", "[$]", "$$", "\ufeff", "\u2028", "\u202e", "\ud83d\ude00", "\u0301"];
const moreTexts = ["\t", "\\", '"', "'", "{", "[", "]", "<PERSON>", "<|endoftext|>", "</w>", "\u{10ffff}", " ", "\v"];

function oddText(rng: Random): string {
  const all = [...oddTexts, ...moreTexts];
  return all[rng.int(all.length)];
}

/** Changes letters, lines or line ends, or some bytes of a text. */
function mutateText(input: Uint8Array, rng: Random): Uint8Array {
  if (rng.int(6) === 0) return mutateBytes(input, rng);
  let text = decoder.decode(input);
  for (let round = rng.int(3); round >= 0; round--) {
    const at = rng.int(text.length + 1), lines = text.split("\n"), line = rng.int(lines.length);
    switch (rng.int(9)) {
      case 0:
        text = text.slice(0, at);
        break;
      case 1:
        text = text.replaceAll("\n", ["\r\n", "\r", "\n\n", "\u2028"][rng.int(4)]);
        break;
      case 2:
        text = lines.toSpliced(line, 1).join("\n");
        break;
      case 3:
        text = lines.toSpliced(line, 0, lines[rng.int(lines.length)]).join("\n");
        break;
      case 4:
        if (rng.int(16) === 0) text = text.slice(0, at) + "a long line ".repeat(8000) + text.slice(at);
        break;
      case 5:
        text = text.slice(0, at) + text.slice(at + 1 + rng.int(8));
        break;
      default:
        text = text.slice(0, at) + oddText(rng) + text.slice(at);
    }
  }
  if (rng.int(50) === 0) return utf16(text);
  return encoder.encode(text);
}

function utf16(text: string): Uint8Array {
  const units = Uint16Array.from(`\ufeff${text}`, (letter) => letter.charCodeAt(0));
  return new Uint8Array(units.buffer);
}

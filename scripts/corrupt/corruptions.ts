/** Seeded corruptions: one field, or a few bytes, of one file. */
import type { Random } from "../../lib/tensors/random.ts";
import { filesBelow } from "../chaos/whole_files.ts";
import type { Setting } from "./world.ts";

/** Kinds of what is corrupted. */
export const corruptionKinds = [
  ...["annotation", "image", "phi", "CLIP weights", "text encoder", "config", "tokenizer", "preprocessing"] as const,
  ...["cached features", "captions"] as const,
] as const;
/** One of {@linkcode corruptionKinds}. */
export type CorruptionKind = typeof corruptionKinds[number];

/** A corruption. */
export interface Corruption {
  kind: CorruptionKind;
  /** The file, below the world's folder. */
  file: string;
  /** What was changed in it. */
  what: string;
  /** Its content now. */
  bytes: Uint8Array;
  /** Whether size and date of the file are kept, as a failing disk keeps them. */
  unnoticed: boolean;
  /** Whether the features of images are cached from before. */
  cached: boolean;
}

const annotationFiles: Record<Setting["benchmark"], readonly string[]> = {
  cirr: ["cirr/captions/cap.rc2.val.json", "cirr/image_splits/split.rc2.val.json"],
  circo: ["annotations/val.json", "COCO2017_unlabeled/annotations/image_info_unlabeled2017.json"],
  fashioniq: ["dress", "shirt", "toptee"].flatMap((category) => [
    `captions/cap.${category}.val.json`,
    `image_splits/split.${category}.val.json`,
  ]),
  genecis: ["focus_object", "change_object", "focus_attribute", "change_attribute"].map((task) =>
    `genecis/${task}.json`
  ),
  coco: ["annotations/instances_val2017.json"],
  icir: ["query_files.csv", "database_files.csv"],
};

/** Draws a corruption that the setting's evaluation reads. */
export function drawCorruption(folder: string, setting: Setting, kind: CorruptionKind, rng: Random): Corruption {
  const pick = <T>(list: readonly T[]): T => list[rng.int(list.length)];
  const root = setting.benchmark, files = annotationFiles[root];
  const how = { kind, unnoticed: rng.int(2) === 0, cached: rng.int(2) === 0 };
  const json = (file: string): Corruption => ({ ...how, file, ...changedJson(`${folder}/${file}`, rng) });
  const binary = (file: string): Corruption => ({ ...how, file, ...changedBytes(`${folder}/${file}`, rng) });
  switch (kind) {
    case "annotation": {
      const file = `${root}/${pick(files)}`;
      return file.endsWith(".csv") ? { ...how, file, ...changedField(`${folder}/${file}`, rng) } : json(file);
    }
    case "image":
      return binary(`${root}/${pick(filesBelow(`${folder}/${root}`).filter((path) => /\.(png|jpg)$/.test(path)))}`);
    case "phi":
      return binary("phi.safetensors");
    case "CLIP weights":
      return binary("clip/model.safetensors");
    case "text encoder":
      return binary("encoder/model.safetensors");
    case "config":
      return json("clip/config.json");
    case "tokenizer":
      return { ...how, file: "clip/tokenizer.json", ...changedVocabulary(`${folder}/clip/tokenizer.json`, rng) };
    case "preprocessing":
      return json("clip/preprocessor_config.json");
    case "cached features": {
      const file = pick(filesBelow(`${folder}/features ${setting.name}`));
      const path = `features ${setting.name}/${file}`;
      return { ...file.endsWith(".json") ? json(path) : binary(path), cached: true };
    }
    case "captions":
      return json("captions.json");
  }
}

/** Flips a bit, overwrites a number, or loses a block of a disk, behind the header of a file. */
function changedBytes(path: string, rng: Random): Pick<Corruption, "what" | "bytes"> {
  const bytes = Deno.readFileSync(path), block = 512;
  const header = path.endsWith(".safetensors") ? 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)) : 0;
  const at = header + rng.int(bytes.length - header);
  switch (rng.int(4)) {
    case 0:
      bytes[at] ^= 1 << rng.int(8);
      return { what: `a bit of byte ${at}`, bytes };
    case 1: // a large number in half and in full precision, then one that is none
      bytes.set([0x00, 0x00, 0x7a, 0x44].slice(0, bytes.length - at), at);
      return { what: `a large number at byte ${at}`, bytes };
    case 2:
      bytes.set([0x00, 0x7e, 0xc0, 0x7f].slice(0, bytes.length - at), at);
      return { what: `no number at byte ${at}`, bytes };
    default:
      bytes.copyWithin(at, header, header + block);
      return { what: `the block of ${block} bytes at ${at} is that of ${header}`, bytes };
  }
}

type Place = [holder: Record<string, unknown>, key: string, path: string];

/** Changes one field: to its value elsewhere in the file, to one nearby, or to nothing. */
function changedJson(path: string, rng: Random): Pick<Corruption, "what" | "bytes"> {
  const json = JSON.parse(Deno.readTextFileSync(path)), places: Place[] = [];
  collect(json, "", places);
  const [holder, key, name] = places[rng.int(places.length)], before = JSON.stringify(holder[key]) ?? "";
  const alike = places.filter(([other, its]) => its === key || typeof other[its] === typeof holder[key]);
  switch (rng.int(5)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      holder[key] = nearby(holder[key], rng);
      break;
    default: {
      const [other, its] = alike[rng.int(alike.length)];
      holder[key] = structuredClone(other[its]);
    }
  }
  const after = JSON.stringify(holder[key]) ?? "nothing";
  const what = `${name}: ${before.slice(0, 60)} became ${after.slice(0, 60)}`;
  return { what, bytes: new TextEncoder().encode(JSON.stringify(json)) };
}

/** Changes one field of one line: to that of another line, to one nearby, or to nothing; or removes the line. */
function changedField(path: string, rng: Random): Pick<Corruption, "what" | "bytes"> {
  const lines = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => line.split(","));
  const at = rng.int(lines.length), column = rng.int(lines[at].length), before = lines[at].join(",");
  switch (rng.int(5)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines[at][column] = String(nearby(lines[at][column], rng));
      break;
    case 2:
      lines[at].splice(column, 1);
      break;
    default:
      lines[at][column] = lines[rng.int(lines.length)][column];
  }
  const text = lines.map((fields) => fields.join(",") + "\n").join("");
  const what = `line ${at + 1}: ${before.slice(0, 60)} became ${text.split("\n")[at].slice(0, 60)}`;
  return { what, bytes: new TextEncoder().encode(text) };
}

/** Fields, and the entries of lists; whole rows too. */
function collect(holder: unknown, path: string, places: Place[]): void {
  if (typeof holder !== "object" || holder === null) return;
  for (const key of Object.keys(holder)) {
    places.push([holder as Record<string, unknown>, key, `${path}/${key}`]);
    collect((holder as Record<string, unknown>)[key], `${path}/${key}`, places);
  }
}

function nearby(value: unknown, rng: Random): unknown {
  if (typeof value === "number") return [value + 1, value - 1, -value, value * 2, value + 0.5][rng.int(5)];
  if (typeof value === "string") {
    const words = value.split(" ");
    return words.length > 1 ? words.toSpliced(rng.int(words.length), 1).join(" ") : `${value}x`;
  }
  return typeof value === "boolean" ? !value : null;
}

/** Exchanges the ids of two tokens, or removes a token. */
function changedVocabulary(path: string, rng: Random): Pick<Corruption, "what" | "bytes"> {
  const json = JSON.parse(Deno.readTextFileSync(path)), { vocab } = json.model as { vocab: Record<string, number> };
  const tokens = Object.keys(vocab), first = tokens[rng.int(tokens.length)], second = tokens[rng.int(tokens.length)];
  const remove = rng.int(3) === 0;
  if (remove) delete vocab[first];
  else [vocab[first], vocab[second]] = [vocab[second], vocab[first]];
  const what = remove ? `the token "${first}" is gone` : `the ids of "${first}" and "${second}" are exchanged`;
  return { what, bytes: new TextEncoder().encode(JSON.stringify(json)) };
}

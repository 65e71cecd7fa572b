/**
 * How an index lies on disk: `index.json` says which CLIP encoded it and where the images are; the images are spread by
 * the hash of their name over 64 files, each with the features and what is known of the images' files. Each file is
 * whole by itself, so several machines can write into one index, and a change rewrites a 64th.
 */
import { crc32 } from "node:zlib";
import { writeAtomically } from "../io/atomic_write.ts";
import { jsonHash } from "../io/hash.ts";
import { headerJson } from "../io/header_json.ts";
import { requireFinite } from "../io/numbers.ts";
import { isObject } from "../io/json_values.ts";
import { inFolder, type Path } from "../io/path.ts";
import { readIfThere, readText } from "../io/read_file.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import type { Clip } from "../clip/files/model_folder.ts";

/** Number of files that an index is spread over, and so the most machines that can make one together. */
export const bucketCount = 64;

/** What a CLIP's image features depend on. */
export type IndexedClip = Pick<Clip, "hash" | "config" | "preprocessing">;

/** What `index.json` says. */
export interface IndexHeader {
  /** Version of the format. */
  version: 1;
  /** Hash of what decides the features: weights, sizes of the image tower, preprocessing. */
  clip: string;
  /** SHA-256 of the CLIP's weights. */
  weights: string;
  /** Width P of the features. */
  width: number;
  /** The folder of the images, absolute. */
  folder: string;
}

/** What an index knows of an image's file. */
export interface IndexedFile {
  /** The path below the folder of the images, with slashes. */
  id: string;
  /** Bytes. */
  size: number;
  /** Time of the last change, milliseconds since 1970. */
  changed: number;
  /** SHA-256 of the content. */
  hash: string;
}

/** One of the files of an index. */
export interface Bucket {
  /** The images. */
  files: IndexedFile[];
  /** `[files.length, P]`, not normalised, row by row. */
  features: Float32Array;
}

/** Returns the bucket of an image. */
export function bucketOf(id: string): number {
  return crc32(id) % bucketCount;
}

/** Returns the path of a bucket's file. */
export function bucketPath(index: Path, bucket: number): string {
  return inFolder(index, `images-${String(bucket).padStart(2, "0")}.safetensors`);
}

/** Describes an index of a CLIP. @param folder of the images, absolute */
export async function indexHeader({ hash, config, preprocessing }: IndexedClip, folder: string): Promise<IndexHeader> {
  const { size, mean, standardDeviation, targetPad, centreHalf } = preprocessing,
    { vision, projectionWidth: width } = config;
  const clip = await jsonHash({
    hash,
    vision,
    width,
    preprocessing: { size, mean, standardDeviation, targetPad, centreHalf },
  });
  return { version: 1, clip, weights: hash, width, folder };
}

/** Reads `index.json`. @throws {Error} if it is missing or none */
export async function readHeader(index: Path): Promise<IndexHeader> {
  const file = inFolder(index, "index.json");
  const text = await readText("the index", file, '; is this the folder of an index? "deno task index" makes one');
  try {
    const header: unknown = JSON.parse(text);
    if (isHeader(header)) return header;
  } catch {
    // Told below.
  }
  throw new Error(`Reading the index failed: ${file} is none that this version knows; make the index anew.`);
}

/** Writes `index.json`. */
export async function writeHeader(index: Path, header: IndexHeader): Promise<void> {
  await writeAtomically(inFolder(index, "index.json"), JSON.stringify(header, null, 1) + "\n");
}

/**
 * Checks that an index was made with a CLIP.
 *
 * @param index its folder or address, for the error message
 * @throws {Error} if it was made with another one, or preprocessed otherwise
 */
export async function checkIndexedClip(index: string, header: IndexHeader, clip: IndexedClip): Promise<void> {
  const own = await indexHeader(clip, header.folder);
  if (header.clip === own.clip) return;
  const why = header.weights === own.weights
    ? "with the same weights, but other preprocessing or sizes"
    : `with weights of the SHA-256 ${header.weights.slice(0, 16)}..., this CLIP's are ${own.weights.slice(0, 16)}...`;
  throw new Error(
    `Reading the index ${index} failed: it was made with another CLIP (${why}); name that CLIP, or make an ` +
      "index of this one in another folder.",
  );
}

/** Reads a bucket; one that was never written is empty. @throws {Error} if its file is damaged or of another index */
export async function readBucket(index: Path, bucket: number, { clip, width }: IndexHeader): Promise<Bucket> {
  const path = bucketPath(index, bucket), bytes = await readIfThere(path);
  if (!bytes) return { files: [], features: new Float32Array() };
  const { arrays: { features }, metadata } = readSafetensors(bytes, path);
  const files = headerJson(metadata, "files", isRows, path);
  if (metadata.clip !== clip || features?.shape.join() !== [files.length, width].join()) {
    throw new Error(`Reading the index failed: ${path} belongs to another index; delete it and index again.`);
  }
  requireFinite(features.values, "features", path);
  return {
    files: files.map(([id, size, changed, hash]) => ({ id, size, changed, hash })),
    features: features.values as Float32Array,
  };
}

/** Writes a bucket whole or not at all; an empty one has no file. */
export async function writeBucket(
  index: Path,
  bucket: number,
  { files, features }: Bucket,
  { clip, width }: IndexHeader,
): Promise<void> {
  const path = bucketPath(index, bucket);
  if (files.length === 0) {
    return await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  const rows = files.map(({ id, size, changed, hash }): Row => [id, size, changed, hash]);
  const metadata = { clip, files: JSON.stringify(rows) };
  await writeAtomically(
    path,
    writeSafetensors({ features: { shape: [files.length, width], values: features } }, metadata),
  );
}

type Row = [id: string, size: number, changed: number, hash: string];

function isRows(value: unknown): value is Row[] {
  return Array.isArray(value) &&
    value.every((row) =>
      Array.isArray(row) && row.length === 4 && typeof row[0] === "string" && typeof row[1] === "number" &&
      typeof row[2] === "number" && typeof row[3] === "string"
    );
}

/** Whether a value is what `index.json` says. */
export function isHeader(value: unknown): value is IndexHeader {
  return isObject(value) && value.version === 1 && typeof value.clip === "string" &&
    typeof value.weights === "string" && typeof value.width === "number" && typeof value.folder === "string";
}

/** The bytes of a file as a stream, unpacked where the file is gzip, with its beginning to tell what it is. */
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { filePath, type Path } from "../../io/path.ts";
import { isFolder } from "../../io/read_file.ts";
import { shownReason } from "../../io/shown.ts";

/** Bytes that are read at once. */
const chunkSize = 256 * 1024;

/** Bytes of the beginning that decide what a file is; a first row is shorter. */
const headSize = 64 * 1024;

/** An opened file. */
export interface ByteSource {
  /** The file's path, for messages. */
  file: string;
  /** Whether the file is gzip; `head` and `chunks` are unpacked. */
  gzip: boolean;
  /** The first bytes: at least 64 KiB, or all of a smaller file. A byte-order mark of UTF-8 is left out. */
  head: Uint8Array;
  /** Whether `head` is the whole file. */
  whole: boolean;
  /** All bytes, those of `head` too; can be read once. Closes the file at the end. */
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** Closes the file, if `chunks` has not done so. */
  close(): Promise<void>;
}

/**
 * Opens a file.
 *
 * @param action begins the error messages, such as "Reading triplets"
 * @param onBytes called with the bytes of the file (packed ones) that have been read, and with its size
 * @throws {Error} if there is no such file, it is a folder, or the disk refuses it; reading throws if a gzip file is cut
 *   or damaged
 */
export async function openBytes(
  path: Path,
  action: string,
  onBytes: (done: number, size: number) => void = () => {},
): Promise<ByteSource> {
  const file = filePath(path);
  if (isFolder(file)) throw new Error(`${action} failed: ${file} is a folder; name a file in it.`);
  const raw = rawChunks(file, action, onBytes);
  const first = await raw.next();
  const gzip = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b;
  const packed = joined(first.done ? [] : [first.value], raw);
  const bytes = gzip ? unpacked(packed, file, action) : packed;
  const begun: Uint8Array<ArrayBuffer>[] = [];
  let size = 0, whole = false;
  while (size < headSize && !whole) {
    const { done, value } = await bytes.next();
    if (done) whole = true;
    else {
      // No parser needs the mark, and not every one knows it.
      const plain = size === 0 && value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? value.slice(3) : value;
      begun.push(plain);
      size += plain.length;
    }
  }
  const head = new Uint8Array(size);
  begun.reduce((at, chunk) => (head.set(chunk, at), at + chunk.length), 0);
  return {
    file,
    gzip,
    head,
    whole,
    chunks: () => joined(begun, bytes),
    async close() {
      await bytes.return(undefined);
      await raw.return(undefined);
    },
  };
}

async function* rawChunks(file: string, action: string, onBytes: (done: number, size: number) => void) {
  let open: Deno.FsFile;
  try {
    open = await Deno.open(file);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : shownReason(error);
    throw new Error(`${action} failed: ${file}: ${reason}.`, { cause: error });
  }
  try {
    const { size } = await open.stat();
    for (let done = 0;;) {
      const buffer = new Uint8Array(chunkSize), count = await open.read(buffer);
      if (count === null) return;
      done += count;
      onBytes(done, size);
      yield buffer.subarray(0, count);
    }
  } finally {
    open.close();
  }
}

async function* joined(begun: Uint8Array<ArrayBuffer>[], rest: AsyncGenerator<Uint8Array<ArrayBuffer>>) {
  yield* begun;
  yield* rest;
}

async function* unpacked(packed: AsyncIterable<Uint8Array>, file: string, action: string) {
  const source = Readable.from(packed, { objectMode: false }), gunzip = createGunzip({ chunkSize });
  // An error of the disk has its own words; it reaches the reader through the stream that it destroys.
  source.on("error", (error) => gunzip.destroy(error));
  let size = 0;
  try {
    for await (const chunk of source.pipe(gunzip)) {
      size += chunk.length;
      yield new Uint8Array(chunk as Uint8Array<ArrayBuffer>);
    }
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== "Z_BUF_ERROR" && code !== "Z_DATA_ERROR") throw error;
    const what = code === "Z_BUF_ERROR" ? "is cut: its gzip data ends" : "is damaged: its gzip data breaks off";
    throw new Error(`${action} failed: ${file} ${what} after ${size} unpacked bytes; fetch it again.`, {
      cause: error,
    });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

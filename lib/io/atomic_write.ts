/** Files that are whole or absent. */
import { dirname } from "node:path";
import { filePath, type Path } from "./path.ts";

/** Distinguishes the temporary files of one process. */
let written = 0;

/** Letters of lines that are written at once. */
const partLetters = 2 ** 20;

/**
 * Writes `content` to a temporary file beside `path`, then renames it into place. Missing folders are made. The
 * temporary name is the writer's own, so that two writers of one path do not disturb each other: the last rename wins.
 *
 * @throws {Error} if the disk refuses; the temporary file is removed and what stood at `path` is untouched
 */
export async function writeAtomically(path: Path, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await writeParts(path, [bytes], { size: bytes.length });
}

/**
 * Writes lines as {@linkcode writeAtomically} does, in bounded memory; other work gets its turn between parts of them.
 *
 * @param lines without their line ends
 * @returns the number of lines
 * @throws {Error} as `writeAtomically`, and whatever the lines throw
 */
export async function writeLinesAtomically(
  path: Path,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<number> {
  const encoder = new TextEncoder();
  let count = 0;
  async function* parts() {
    let part: string[] = [], letters = 0;
    for await (const line of lines) {
      part.push(line, "\n");
      letters += line.length + 1;
      count++;
      if (letters < partLetters) continue;
      yield encoder.encode(part.join(""));
      part = [];
      letters = 0;
    }
    yield encoder.encode(part.join(""));
  }
  await writeParts(path, parts());
  return count;
}

/**
 * Writes a file whose beginning is known last, such as a header with a checksum, as {@linkcode writeAtomically} does:
 * the parts come after the place of the beginning, which is then filled.
 *
 * @param length bytes of the beginning
 * @param parts what follows it
 * @param beginning makes it when the parts have been written
 * @throws {Error} as `writeAtomically`, and whatever the parts throw
 */
export async function writeBeginningLast(
  path: Path,
  length: number,
  parts: AsyncIterable<Uint8Array>,
  beginning: () => Uint8Array,
): Promise<void> {
  async function* withPlace() {
    yield new Uint8Array(length);
    yield* parts;
  }
  await writeParts(path, withPlace(), { beginning });
}

/** @param options size of all parts for the error message, if it is known; what replaces the first bytes in the end */
async function writeParts(
  path: Path,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { size, beginning }: { size?: number; beginning?: () => Uint8Array } = {},
): Promise<void> {
  const name = filePath(path), temporary = `${name}.${Deno.pid}-${++written}.part`;
  let bytes = 0, done = false;
  const ofDisk = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new Error(
        `Writing ${name} (${size ?? bytes} bytes) failed: ${error instanceof Error ? error.message : error}; ` +
          `what was there before is untouched.`,
        { cause: error },
      );
    }
  };
  try {
    await ofDisk(Deno.mkdir(dirname(name), { recursive: true }));
    using file = await ofDisk(Deno.open(temporary, { write: true, create: true, truncate: true }));
    const write = async (part: Uint8Array) => {
      for (let at = 0; at < part.length;) at += await ofDisk(file.write(part.subarray(at)));
    };
    for await (const part of parts) {
      bytes += part.length;
      await write(part);
    }
    if (beginning) {
      await ofDisk(file.seek(0, Deno.SeekMode.Start));
      await write(beginning());
    }
    // On the disk before it is renamed: after a power cut an older whole file is better than a new empty one.
    await ofDisk(file.sync());
    await ofDisk(Deno.rename(temporary, name));
    done = true;
  } finally {
    if (!done) await Deno.remove(temporary).catch(() => {});
  }
}

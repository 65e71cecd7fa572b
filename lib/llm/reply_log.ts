/** The replies of a language model in a file: what was paid for once is not asked for again. */
import { sha256 } from "../io/hash.ts";
import { isObject } from "../io/json_values.ts";
import { filePath, type Path } from "../io/path.ts";
import { decodeText, readIfThere } from "../io/read_file.ts";
import { shownReason } from "../io/shown.ts";

/** What decides a reply, as far as the toolkit decides it. */
export interface ReplyKey {
  model: string;
  temperature: number;
  seed: number;
  prompt: string;
}

/** A file of replies that is open. */
export interface ReplyLog extends Disposable {
  /** Returns the reply to a request, if it has been there before. */
  find(key: ReplyKey): Promise<string | undefined>;
  /** Appends a reply. @throws {Error} if the disk refuses it; the replies before are whole */
  add(key: ReplyKey, reply: string): Promise<void>;
  /** Number of replies. */
  size(): number;
}

/**
 * Opens a file of replies, JSON lines of `key` (a hash of the request) and `reply`; made if it is missing. A last line
 * without its end, which a killed process leaves, is removed.
 *
 * @throws {Error} if it is another file: then nothing of it is changed
 */
export async function openReplyLog(path: Path): Promise<ReplyLog> {
  const name = filePath(path), bytes = await readIfThere(name) ?? new Uint8Array(), replies = new Map<string, string>();
  let end = bytes.lastIndexOf(0x0a) + 1, writing = Promise.resolve();
  const lines = decodeText(bytes.subarray(0, end), name).split("\n").slice(0, -1);
  for (const [i, line] of lines.entries()) {
    const { key, reply } = parsed(line, name, i + 1);
    replies.set(key, reply);
  }
  // A cut line begins as one of ours; anything else is a file of someone's that is not to be cut.
  const rest = new TextDecoder().decode(bytes.subarray(end));
  if (!rest.startsWith(lineStart.slice(0, rest.length))) parsed(rest, name, lines.length + 1);
  const encoder = new TextEncoder(), file = await Deno.open(name, { write: true, create: true });
  await file.truncate(end);
  await file.seek(end, Deno.SeekMode.Start);
  async function append(line: string): Promise<void> {
    const bytes = encoder.encode(line);
    try {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      end += bytes.length;
    } catch (error) {
      await file.truncate(end).catch(() => {});
      await file.seek(end, Deno.SeekMode.Start);
      throw new Error(
        `Writing ${name} failed: ${
          shownReason(error)
        }; the ${replies.size} replies in it are kept, make room and go on.`,
        { cause: error },
      );
    }
  }
  return {
    size: () => replies.size,
    find: async (key) => replies.get(await hashOf(key)),
    async add(key, reply) {
      const hash = await hashOf(key);
      // Writes are chained, so that no two are in one another.
      const written = writing.then(() => append(JSON.stringify({ key: hash, reply }) + "\n"));
      writing = written.catch(() => {});
      await written;
      replies.set(hash, reply);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

const lineStart = '{"key":"';

async function hashOf({ model, temperature, seed, prompt }: ReplyKey): Promise<string> {
  return (await sha256(new TextEncoder().encode(JSON.stringify([model, temperature, seed, prompt])))).slice(0, 32);
}

function parsed(line: string, file: string, number: number): { key: string; reply: string } {
  try {
    const row: unknown = JSON.parse(line);
    if (isObject(row) && typeof row.key === "string" && typeof row.reply === "string") {
      return { key: row.key, reply: row.reply };
    }
  } catch {
    // Told below.
  }
  throw new Error(
    `Going on with replies failed: line ${number} of ${file} is not a reply; repair the file, move it away, or name ` +
      "another.",
  );
}

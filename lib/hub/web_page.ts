/** Web pages that arrive in a file's place: a login, a warning, an error page. */
import { isFile } from "../io/read_file.ts";

/** Whether a file begins as HTML does; false if there is none. */
export async function beginsAsPage(path: string): Promise<boolean> {
  if (!isFile(path)) return false;
  using file = await Deno.open(path);
  const start = new Uint8Array(512), length = await file.read(start) ?? 0;
  return /^\uFEFF?\s*<(!doctype|html|head|\?xml)/i.test(new TextDecoder().decode(start.subarray(0, length)));
}

/** The error that says so. @param cause what was found first, if something was */
export function pageArrived(url: string, cause?: unknown): Error {
  return new Error(
    `Downloading ${url} failed: a web page arrived in the file's place, as a login or a warning is; it was thrown ` +
      `away, open the address in a browser to see what it asks for.`,
    { cause },
  );
}

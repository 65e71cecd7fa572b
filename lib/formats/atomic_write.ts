/** Files that are whole or absent. */

/**
 * Writes `content` to a temporary name beside `path`, then renames it into place.
 * @throws {Error} if the disk refuses; the temporary file is removed and what stood at `path` is untouched.
 */
export async function writeAtomically(path: string | URL, content: Uint8Array | string): Promise<void> {
  const temporary = path instanceof URL ? new URL(`${path.href}.part`) : `${path}.part`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.mkdir(folderOf(path), { recursive: true });
    await Deno.writeFile(temporary, bytes);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    const name = path instanceof URL ? path.pathname : path;
    throw new Error(
      `Writing ${name} (${bytes.length} bytes) failed: ${error instanceof Error ? error.message : error}; ` +
        `what was there before is untouched.`,
      { cause: error },
    );
  }
}

function folderOf(path: string | URL): string | URL {
  if (path instanceof URL) return new URL(".", path);
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : slash === 0 ? "/" : path.slice(0, slash);
}

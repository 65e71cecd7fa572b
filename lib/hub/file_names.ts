/** Names that a hub gives and that become paths in the cache. */

/** Whether a name with slashes, of a file or a revision, stays inside the folder that it is looked for in. */
export function staysInside(name: string): boolean {
  return !/[\\\p{Cc}]/u.test(name) && name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Whether a text names a commit, 40 hexadecimal digits. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

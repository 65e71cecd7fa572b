/**
 * Files of npm packages, found by resolution: from a checkout with a `node_modules` folder and from a script in any
 * other folder alike.
 *
 * The specifiers are typed `string` so that the type checker does not read megabytes of JSON, and so that a package is
 * fetched when it is first used and not when this library is imported.
 */

/** Reads a JSON file of a package. @param file `npm:NAME@VERSION/PATH` */
export async function packageJson<T>(file: string): Promise<T> {
  return (await import(file, { with: { type: "json" } })).default;
}

/**
 * Reads a text file of a package.
 * @param name `npm:NAME@VERSION`
 * @param file path within the package
 */
export async function packageText(name: string, file: string): Promise<string> {
  await load(name);
  return (await import(`${name}/${file}`, { with: { type: "text" } })).default;
}

/**
 * Reads a file of a package as bytes; needs the permission to read it.
 * @param name `npm:NAME@VERSION`
 * @param file path within the package
 */
export async function packageBytes(name: string, file: string): Promise<Uint8Array> {
  return await Deno.readFile(await packageUrl(name, file));
}

/** Returns the `file:` address of a file of a package. @param name `npm:NAME@VERSION` @param file path within it */
export async function packageUrl(name: string, file: string): Promise<URL> {
  await load(name);
  return new URL(import.meta.resolve(`${name}/${file}`));
}

/** Importing any JSON of a package makes the runtime fetch it; before that its files cannot be resolved. */
async function load(name: string): Promise<void> {
  await packageJson(`${name}/package.json`);
}

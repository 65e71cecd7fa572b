import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);

function* sources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
    if (isDirectory) yield* sources(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

Deno.test("npm packages: each is named, with its version, in one file", () => {
  const files = new Map<string, Set<string>>();
  for (const folder of ["lib/", "cli/", "scripts/", "tests/", "bench/", "examples/"]) {
    for (const file of sources(folder)) {
      const text = Deno.readTextFileSync(new URL(file, root)).replace(/^\s*(\*|\/\/).*$/gm, "");
      for (const [, name] of text.matchAll(/["']npm:((?:@[\w.-]+\/)?[\w.-]+)@\d/g)) {
        files.set(name, (files.get(name) ?? new Set()).add(file));
      }
    }
  }
  assertEquals([...files].filter(([, { size }]) => size > 1).map(([name, own]) => [name, ...own]), []);
  assertEquals(files.get("hono"), new Set(["lib/serve/hono.ts"]));
  assertEquals(files.get("playwright-core"), new Set(["tests/serve/playwright.ts"]));
});

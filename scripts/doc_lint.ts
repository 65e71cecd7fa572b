/**
 * `deno doc --lint` over all entry points of deno.json's `exports`: prints its diagnostics, and exits with 1 if there
 * are any.
 *
 * The entry points are linted together, so a type that one of them mentions may be exported by another. Diagnostics
 * located in `node_modules` belong to TensorFlow.js, which the toolkit re-exports as `tf`, and are ignored.
 */
const root = new URL("../", import.meta.url);
const { exports }: { exports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", root)),
);
const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...Object.values(exports)],
  cwd: root,
  env: { NO_COLOR: "1" },
  stdout: "null",
}).output();
const output = new TextDecoder().decode(stderr);

// A diagnostic begins with "error[rule]: ..." and names its location in a line "--> FILE:LINE:COLUMN".
const diagnostics = output.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
if (code !== 0 && diagnostics.length === 0) {
  console.error(output);
  Deno.exit(1);
}
const own = diagnostics.filter((diagnostic) => !/^\s*--> .*\bnode_modules\b/m.test(diagnostic));
for (const diagnostic of own) console.error(diagnostic.split(/^error: Found/m)[0].trimEnd() + "\n");
console.log(
  `${Object.keys(exports).length} entry points, ${own.length} diagnostics`,
);
Deno.exit(own.length > 0 ? 1 : 0);

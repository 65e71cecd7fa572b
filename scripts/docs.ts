/**
 * `deno task docs`: writes the public API as pages into `docs/api/`, from the root and every sub-path of `deno.json`.
 *
 * `tf` is the whole of TensorFlow.js, whose pages would be three quarters of all: its own site documents it, and here
 * it is replaced by an empty module.
 */
const { exports } = JSON.parse(await Deno.readTextFile("deno.json")) as { exports: Record<string, string> };
const [engine] = (await Deno.readTextFile("lib/tensors/tf.ts")).match(/npm:@tensorflow\/tfjs@[^"]+/)!;
const map = await Deno.makeTempFile({ suffix: ".json" });
await Deno.writeTextFile(map, JSON.stringify({ imports: { [engine]: "data:text/typescript,export {};" } }));

const pages = ["--html", "--name=RTD toolkit", "--output=docs/api"];
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", `--import-map=${map}`, ...pages, ...Object.values(exports)],
  stdout: "inherit",
  stderr: "inherit",
}).spawn().status;
await Deno.remove(map);
if (code === 0) console.log("open docs/api/index.html");
Deno.exit(code);

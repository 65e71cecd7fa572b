/**
 * `deno task docs`: a static site in `docs/site/`: all executed notebooks with a thumbnail each, the documents, the pages
 * that `deno task reproduce` wrote, and the public API from the root and every sub-path of `deno.json`.
 *
 * `tf` is the whole of TensorFlow.js, whose pages would be three quarters of the API: its own site documents it, and here
 * it is replaced by an empty module.
 */
import { command, runCommand } from "../cli/command.ts";
import { path } from "../cli/options.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { buildSite } from "./docs/build_site.ts";

/** Tells a site, whole or not, from other folders. */
const marker = ".rtd-site";

const docs = command("docs", "Writes notebooks, documents, studies and the API as a static site.", [
  "deno task docs",
  "deno task docs --no-api",
])
  .option("--out <folder>", "the site, made anew (default: docs/site)", path())
  .option("--studies <folder>", "the folder with a folder for each study of reproduce (default: results)", path())
  .option("--no-api", "without the pages of the API, which take longest");

await runCommand(docs, async ({ out = "docs/site", studies = "results", api }) => {
  // The first one is the site's introduction.
  const own = ["CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"];
  const documents = ["README.md", "STATUS.md", ...filesIn("docs", ".md"), ...own];
  const notebooks = filesIn("notebooks", ".ipynb");
  await removeSite(out);
  await writeAtomically(`${out}/${marker}`, "");
  const pages = await buildSite({ out, notebooks, documents, studies, withApi: api });
  console.log(`${pages.length} pages, ${notebooks.length} of them notebooks`);
  if (api) await writeApi(`${out}/api`);
  console.log(`open ${out}/index.html`);
});

/** Removes an older site, and nothing else that might be in the folder's place. */
async function removeSite(folder: string): Promise<void> {
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (names.length > 0 && !names.includes(marker)) {
    throw new Error(
      `Writing the site failed: ${folder} holds other files, which would be removed; name another --out.`,
    );
  }
  await Deno.remove(folder, { recursive: true });
}

function filesIn(folder: string, end: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`)
    .filter((name) => name.endsWith(end)).sort();
}

async function writeApi(folder: string): Promise<void> {
  const { exports } = JSON.parse(await Deno.readTextFile("deno.json")) as { exports: Record<string, string> };
  const [engine] = (await Deno.readTextFile("lib/tensors/tf.ts")).match(/npm:@tensorflow\/tfjs@[^"]+/)!;
  const map = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(map, JSON.stringify({ imports: { [engine]: "data:text/typescript,export {};" } }));
    const pages = ["--html", "--name=RTD toolkit", `--output=${folder}`];
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", `--import-map=${map}`, ...pages, ...Object.values(exports)],
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    if (code !== 0) throw new Error(`Writing the API failed: deno doc ended with code ${code}; see its message above.`);
  } finally {
    await Deno.remove(map);
  }
}

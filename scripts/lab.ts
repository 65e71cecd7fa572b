/** `deno task lab`: JupyterLab over the notebooks, with the Deno kernel. */
import { jupyter } from "./jupyter.ts";
import { fail } from "../cli/options.ts";
import { run } from "./python.ts";

try {
  const { python, env } = await jupyter();
  // What stands behind "deno task lab" goes to JupyterLab, such as --port 9000 or --no-browser.
  await run(
    python,
    ["-m", "jupyterlab", "--notebook-dir", "notebooks", ...Deno.args],
    "see JupyterLab's message above",
    env,
  );
} catch (error) {
  fail(error);
}

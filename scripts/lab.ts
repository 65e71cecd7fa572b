/** `deno task lab`: JupyterLab over the notebooks, with the Deno kernel. */
import { command, runCommand } from "../cli/command.ts";

const lab = command(
  "lab",
  "Opens the notebooks in JupyterLab; what stands behind the task's name goes to JupyterLab.",
  [
    "deno task lab",
    "deno task lab --port 9000 --no-browser",
  ],
).allowUnknownOption().allowExcessArguments();

await runCommand(lab, async () => {
  const { jupyter } = await import("./jupyter.ts"), { run } = await import("./python.ts");
  const { python, env } = await jupyter();
  const args = ["-m", "jupyterlab", "--notebook-dir", "notebooks", ...Deno.args];
  await run(python, args, "see JupyterLab's message above", env);
});

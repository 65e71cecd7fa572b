/** The project's own JupyterLab, with this very Deno as its kernel. */
import { environment } from "./python.ts";

// plotly brings the extension that draws plotly figures in JupyterLab.
const packages = ["jupyterlab==4.6.6", "nbclient==0.11.0", "plotly==7.1.0"];

/** Makes the environment and its kernel; returns its Python and the variables that Jupyter needs to find the kernel. */
export async function jupyter(): Promise<{ python: string; env: Record<string, string> }> {
  const python = await environment("lab", packages);
  // A kernel of the environment's own: nothing is installed for the user, and the path follows the Deno that runs this.
  const kernel = ".venv/lab/share/jupyter/kernels/deno";
  await Deno.mkdir(kernel, { recursive: true });
  const specification = {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.writeTextFile(`${kernel}/kernel.json`, JSON.stringify(specification, null, 1));
  const own = await Deno.realPath(".venv/lab/share/jupyter");
  return { python, env: { JUPYTER_PATH: own } };
}

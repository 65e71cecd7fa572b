/**
 * `deno task setup [--cuda]`: makes the native add-on of `@tensorflow/tfjs-node-gpu`.
 *
 * The package's own installer downloads a TensorFlow of 2022 from a storage bucket. A pip wheel of TensorFlow holds the
 * same C library in a current version, CUDA included, with its headers; the add-on's sources come with the npm package
 * and compile against it in seconds.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { packageUrl } from "../lib/io/package_file.ts";
import { command, runCommand } from "../cli/command.ts";
import { answers, environment, installAdvice, run } from "./python.ts";

const tensorflowVersion = "2.21.0";

const setup = command("setup", "Makes the native TensorFlow add-on, which computes several times faster than WASM.", [
  "deno task setup",
  "deno task setup --cuda",
])
  .option("--cuda", "for an NVIDIA GPU (Linux)")
  .option("--force", "make the add-on again");

await runCommand(setup, async ({ cuda = false, force = false }) => {
  const { addonFiles, addonState, nativePackage } = await import("../lib/backend/tensorflow.ts");
  const files = addonFiles()!, present = await addonState();
  const label = cuda ? `tensorflow ${tensorflowVersion} with CUDA` : `tensorflow-cpu ${tensorflowVersion}`;
  if (present.ready && present.receipt.tensorflow === label && !force) {
    console.log(`${label} is already set up; "deno task setup --force" makes it again.`);
    return await tryOut();
  }
  if (cuda && await answers("nvidia-smi", ["-L"]) === undefined) {
    throw new Error(
      'Setting up CUDA failed: "nvidia-smi" does not answer, so there is no NVIDIA driver; install it ' +
        '(Debian: "apt-get install nvidia-driver"; Ubuntu: "ubuntu-drivers install"), or run "deno task setup" for the CPU.',
    );
  }
  if (await answers("g++", ["--version"]) === undefined) {
    throw new Error(
      `Setting up failed: the compiler g++ is missing; ${
        installAdvice("apt-get install g++", "xcode-select --install")
      }.`,
    );
  }
  console.log(`setting up ${label}: a download of ${cuda ? "about 3 GB" : "about 270 MB"}, then a compilation`);
  const wheel = cuda ? "tensorflow[and-cuda]" : Deno.build.os === "darwin" ? "tensorflow" : "tensorflow-cpu";
  const python = await environment(cuda ? "tensorflow-cuda" : "tensorflow", [`${wheel}==${tensorflowVersion}`]);
  const site = await answers(python, ["-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]);
  if (site === undefined) throw new Error(`Setting up failed: ${python} does not answer; delete .venv and try again.`);
  await compile(fileURLToPath(await packageUrl(nativePackage, "binding")), `${site}/tensorflow`, files.addon);
  const receipt = {
    tensorflow: label,
    cuda,
    libraries: `${site}/tensorflow`,
    preload: cuda ? cudaLibraries(site) : [],
  };
  await writeAtomically(files.receipt, JSON.stringify(receipt, null, 1) + "\n");
  try {
    await tryOut();
  } catch (error) {
    await Deno.remove(files.receipt);
    throw error;
  }
});

/** Compiles the package's C++ sources against the wheel's library. */
async function compile(sources: string, tensorflow: string, addon: string): Promise<void> {
  const headers = fileURLToPath(await packageUrl("npm:node-api-headers@1.9.0", "include"));
  const units = [...Deno.readDirSync(sources)].filter(({ name }) => name.endsWith(".cc"))
    .map(({ name }) => join(sources, name));
  const temporary = `${addon}.part`;
  const link = Deno.build.os === "darwin"
    ? [
      "-undefined",
      "dynamic_lookup",
      `${tensorflow}/libtensorflow_cc.2.dylib`,
      `${tensorflow}/libtensorflow_framework.2.dylib`,
    ]
    : ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"];
  console.log("compiling the add-on");
  await Deno.mkdir(dirname(addon), { recursive: true });
  await run("g++", [
    "-std=c++17",
    "-O2",
    "-fPIC",
    "-shared",
    "-DNAPI_VERSION=8",
    `-I${tensorflow}/include`,
    `-I${headers}`,
    ...units,
    "-o",
    temporary,
    `-L${tensorflow}`,
    ...link,
    `-Wl,-rpath,${tensorflow}`,
  ], 'see the compiler\'s message above; "deno task setup --force" tries again');
  await Deno.rename(temporary, addon);
}

/** The CUDA libraries that the wheel brought, which the process loads before TensorFlow asks for them by name. */
function cudaLibraries(site: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(`${site}/nvidia`)) {
    if (!isDirectory) continue;
    const folder = `${site}/nvidia/${name}/lib`;
    try {
      for (const file of Deno.readDirSync(folder)) if (file.name.includes(".so")) found.push(`${folder}/${file.name}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return found.sort();
}

/** Loads the add-on in a process of its own and multiplies two matrices. */
async function tryOut(): Promise<void> {
  const script = fileURLToPath(new URL("try_device.ts", import.meta.url));
  await run(Deno.execPath(), ["run", "--allow-all", script, "tensorflow"], "the add-on does not work; see above");
}

/** Project-local Python environments, made once and reused. */

/** Runs a command to its end, its output shown. @throws {Error} with the advice if it is not there or fails */
export async function run(
  command: string,
  args: string[],
  advice: string,
  env: Record<string, string> = {},
): Promise<void> {
  let code: number;
  try {
    ({ code } = await new Deno.Command(command, { args, env, stdout: "inherit", stderr: "inherit" }).output());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Running ${command} failed: it is not installed; ${advice}.`);
  }
  if (code !== 0) {
    throw new Error(`Running ${command} ${args.slice(0, 3).join(" ")} ... failed with code ${code}; ${advice}.`);
  }
}

/** Whether a command answers. */
export async function answers(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { code, stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return code === 0 ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** The command that installs something, for the systems that we know. */
export function installAdvice(debian: string, macos: string): string {
  return Deno.build.os === "darwin"
    ? `install it with "${macos}"`
    : `install it with "${debian}" (Debian, Ubuntu; macOS: "${macos}")`;
}

/**
 * Makes `.venv/NAME` with the packages, unless it has them already.
 * @returns path of its Python
 */
export async function environment(name: string, packages: string[]): Promise<string> {
  const advice = installAdvice("apt-get install python3 python3-venv", "brew install python");
  const folder = `.venv/${name}`, python = `${folder}/bin/python`, receipt = `${folder}/packages.json`;
  const wanted = JSON.stringify(packages);
  if (await Deno.readTextFile(receipt).catch(() => "") === wanted && await answers(python, ["--version"])) {
    return python;
  }
  console.log(`making the Python environment ${folder} with ${packages.join(", ")}`);
  const version = await answers("python3", ["-c", "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"]);
  if (version === undefined) {
    throw new Error(`Making ${folder} failed: python3 with its venv module is missing; ${advice}.`);
  }
  await run("python3", ["-m", "venv", "--clear", folder], advice);
  const pip = `pip could not install ${packages.join(", ")} for Python ${version}: see its message above`;
  await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], pip);
  // Written last: an interrupted installation is begun anew.
  await Deno.writeTextFile(receipt, wanted);
  return python;
}

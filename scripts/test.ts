/**
 * `deno task test`: the unit tests; those of every backend again on WebGPU, which needs a process of its own; the tests
 * that run whole programs; the documented examples. The last line has the sum. Arguments go to every pass
 * (`deno task test --filter loss`).
 */
import { basename } from "node:path";
import { command, runCommand } from "../cli/command.ts";

const test = command("test", "Runs all tests; what stands behind the task's name goes to every pass of deno test.", [
  "deno task test",
  "deno task test --filter loss",
]).allowUnknownOption().allowExcessArguments();

/** The rooms whose tests start programs. Their files run side by side, as do the examples: neither shares a device. */
const programs = ["tests/cli", "tests/examples", "tests/foreign"];

/** The room whose tests set variables of the process, and so bear no other beside them. */
const downloads = "tests/hub";

interface Pass {
  title: string;
  args: string[];
  env?: Record<string, string>;
}

await runCommand(test, async (_options, _args, session) => {
  // The Vulkan driver complains once a test where the user has no folder for running programs.
  const quiet = { XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? await Deno.makeTempDir() };
  const passes: Pass[] = [
    // TensorFlow's add-on uses all cores, and is loaded by one test file at a time; without it the files share the cores.
    {
      title: "unit tests",
      args: [...(await hasAddon() ? [] : ["--parallel"]), "tests/", `--ignore=${[...programs, downloads].join()}`],
      env: quiet,
    },
    { title: "downloads", args: [downloads], env: quiet },
    {
      title: "the same on WebGPU",
      args: ["--no-check", "--filter", "[webgpu]", ...backendTests("tests")],
      env: { RTD_TEST_PASS: "webgpu", ...quiet },
    },
    { title: "whole programs", args: ["--parallel", ...programs], env: quiet },
    { title: "documented examples", args: ["--parallel", "--doc", "mod.ts", "lib/", "README.md"] },
  ];
  const sum = { passed: 0, failed: 0, ignored: 0 };
  for (const pass of passes) {
    session.signal.throwIfAborted();
    console.log(`== ${pass.title}`);
    const started = performance.now(), { output, ending } = await runPass(pass);
    const found = output.match(/(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \| (\d+) ignored)?/);
    sum.passed += Number(found?.[1] ?? 0);
    sum.failed += Number(found?.[2] ?? 0);
    sum.ignored += Number(found?.[3] ?? 0);
    // A pass that died, or failed before its first test, has no failed test to count; it has failed all the same.
    if (ending && !(found && Number(found[2]) > 0)) {
      console.log(`${pass.title}: ended with ${ending}.`);
      sum.failed++;
    }
    console.log(`${pass.title}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.ignored} skipped`);
  return sum.failed > 0 ? 1 : 0;
});

/** Runs a pass, its output shown. @returns the output, and how the pass ended where it did not end well */
async function runPass({ args, env }: Pass): Promise<{ output: string; ending?: string }> {
  const pass = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", ...args, ...Deno.args],
    env: { ...env, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  for await (const text of pass.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  }
  const { code, signal } = await pass.status;
  return { output, ending: code === 0 ? undefined : `code ${code}${signal ? ` (${signal})` : ""}` };
}

/** Whether the native add-on is set up in this checkout. */
async function hasAddon(): Promise<boolean> {
  return await Deno.stat(new URL("../.native/receipt.json", import.meta.url)).then(() => true, () => false);
}

/** The test files below a folder that register a test for each backend; the others have nothing for a second pass. */
function backendTests(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return backendTests(path);
    return basename(path).endsWith("_test.ts") && Deno.readTextFileSync(path).includes("eachBackend(") ? [path] : [];
  }).sort();
}

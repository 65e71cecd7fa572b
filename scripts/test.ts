/**
 * `deno task test`: the unit tests, the WebGPU pass in its own process, and the documented examples; then one line with
 * the sum. Arguments go to every pass (`deno task test --filter loss`).
 */
import { command, runCommand } from "../cli/command.ts";

const test = command("test", "Runs all tests; what stands behind the task's name goes to every pass of deno test.", [
  "deno task test",
  "deno task test --filter loss",
]).allowUnknownOption().allowExcessArguments();

interface Pass {
  title: string;
  args: string[];
  env?: Record<string, string>;
}

await runCommand(test, async (_options, _args, session) => {
  // The Vulkan driver complains once a test where the user has no folder for running programs.
  const quiet = { XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? await Deno.makeTempDir() };
  const webgpu = { RTD_TEST_PASS: "webgpu", ...quiet };
  const passes: Pass[] = [
    { title: "unit tests", args: ["tests/"], env: quiet },
    { title: "the same on WebGPU", args: ["tests/", "--filter", "[webgpu]"], env: webgpu },
    { title: "documented examples", args: ["--doc", "mod.ts", "lib/", "README.md"] },
  ];
  const sum = { passed: 0, failed: 0, ignored: 0 };
  for (const pass of passes) {
    session.signal.throwIfAborted();
    console.log(`== ${pass.title}`);
    const { output, ending } = await runPass(pass);
    const found = output.match(/(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \| (\d+) ignored)?/);
    sum.passed += Number(found?.[1] ?? 0);
    sum.failed += Number(found?.[2] ?? 0);
    sum.ignored += Number(found?.[3] ?? 0);
    // A pass that died, or failed before its first test, has no failed test to count; it has failed all the same.
    if (ending && !(found && Number(found[2]) > 0)) {
      console.log(`${pass.title}: ended with ${ending}.`);
      sum.failed++;
    }
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

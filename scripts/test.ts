/**
 * `deno task test`: the unit tests, the WebGPU pass in its own process, and the documented examples; then one line with
 * the sum. Arguments go to every pass (`deno task test --filter loss`).
 */
// The Vulkan driver complains once a test where the user has no folder for running programs.
const quiet = { XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? await Deno.makeTempDir() };
const passes: { title: string; args: string[]; env?: Record<string, string> }[] = [
  { title: "unit tests", args: ["tests/"], env: quiet },
  { title: "the same on WebGPU", args: ["tests/", "--filter", "[webgpu]"], env: { RTD_TEST_PASS: "webgpu", ...quiet } },
  { title: "documented examples", args: ["--doc", "mod.ts", "lib/", "README.md"] },
];

const sum = { passed: 0, failed: 0, ignored: 0 };
for (const { title, args, env } of passes) {
  console.log(`== ${title}`);
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
  const found = output.match(/(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \| (\d+) ignored)?/);
  if (found) {
    sum.passed += Number(found[1]);
    sum.failed += Number(found[2]);
    sum.ignored += Number(found[3] ?? 0);
  }
  // A pass that died, or failed before its first test, has no failed test to count; it has failed all the same.
  if (code !== 0 && !(found && Number(found[2]) > 0)) {
    console.log(`${title}: ended with code ${code}${signal ? ` (${signal})` : ""}.`);
    sum.failed++;
  }
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.ignored} skipped`);
Deno.exit(sum.failed > 0 ? 1 : 0);

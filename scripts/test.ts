/**
 * `deno task test`: the unit tests; those of every backend again on WebGPU, which needs a process of its own; the tests
 * that run whole programs; the documented examples. The last line has the sum. Arguments go to every pass
 * (`deno task test --filter loss`).
 */
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream as NodeStream } from "node:stream/web";
import { command, runCommand } from "../cli/command.ts";

const test = command("test", "Runs all tests; what stands behind the task's name goes to every pass of deno test.", [
  "deno task test",
  "deno task test --filter loss",
]).allowUnknownOption().allowExcessArguments();

/** The rooms whose tests start programs. Their files run side by side, as do the examples: neither shares a device. */
const programs = ["tests/cli", "tests/examples", "tests/foreign"];

/** The room whose tests set variables of the process, so that no other test may run beside them. */
const downloads = "tests/hub";

interface Pass {
  /** What it is called in the sum of each pass, and at the beginning of its lines. */
  title: string;
  args: string[];
  env?: Record<string, string>;
}

await runCommand(test, async (_options, _args, session) => {
  // The Vulkan driver complains once a test where the user has no folder for running programs.
  const quiet = { XDG_RUNTIME_DIR: Deno.env.get("XDG_RUNTIME_DIR") ?? await Deno.makeTempDir() };
  // TensorFlow's add-on uses all cores, and is loaded by one test file at a time; without it the files share the cores.
  const parallel = await hasAddon() ? [] : ["--parallel"];
  // The passes of a lane follow each other; the lanes run side by side, since most passes leave a core idle at times.
  const lanes: Pass[][] = [
    [
      { title: "unit", args: [...parallel, "tests/", `--ignore=${[...programs, downloads].join()}`], env: quiet },
      { title: "downloads", args: [downloads], env: quiet },
    ],
    [
      { title: "programs", args: ["--parallel", ...programs], env: quiet },
      { title: "examples", args: ["--parallel", "--doc", "mod.ts", "lib/", "README.md"] },
      {
        title: "webgpu",
        args: ["--no-check", "--filter", "[webgpu]", ...backendTests("tests")],
        env: { RTD_TEST_PASS: "webgpu", ...quiet },
      },
    ],
  ];
  const ended: Ended[] = [];
  await Promise.all(lanes.map(async (passes) => {
    for (const pass of passes) {
      if (session.signal.aborted) return;
      ended.push(await runPass(pass));
    }
  }));
  session.signal.throwIfAborted();
  const sum = (key: "passed" | "failed" | "skipped") => ended.reduce((total, pass) => total + pass[key], 0);
  const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 ? 1 : 0;
});

/** How a pass ended. */
interface Ended {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs a pass and prints its lines, each behind the pass's title. */
async function runPass({ title, args, env }: Pass): Promise<Ended> {
  const started = performance.now();
  const say = (line: string) => console.log(`${title}: ${line}`);
  const coverage = Deno.env.has("DENO_COVERAGE_DIR") ? ["--coverage-raw-data-only"] : [];
  const pass = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", ...coverage, ...args, ...Deno.args],
    env: { ...env, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let found: string[] | undefined;
  const read = async (stream: ReadableStream) => {
    // One class, whose types in Node and in Deno differ.
    for await (const line of createInterface({ input: Readable.fromWeb(stream as unknown as NodeStream) })) {
      say(line);
      found = line.match(/(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \| (\d+) ignored)?/) ?? found;
    }
  };
  await Promise.all([read(pass.stdout), read(pass.stderr)]);
  const { code, signal } = await pass.status,
    [passed, failed, skipped] = (found ?? []).slice(1).map((n) => Number(n ?? 0));
  // A process with the software Vulkan driver crashes at its end in one of fifteen runs, when all its tests have
  // passed.
  const atItsEnd = title === "webgpu" && signal !== null && found !== undefined && failed === 0;
  say(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  // A pass that died, or failed before its first test, has no failed test to count; it has failed all the same.
  const broken = code !== 0 && !(failed > 0) && !atItsEnd;
  if (atItsEnd) {
    say(`all tests passed; the process with the Vulkan driver crashed at its end (${signal}), which is not counted`);
  }
  if (broken) say(`ended with code ${code}${signal ? ` (${signal})` : ""}`);
  return { passed: passed ?? 0, failed: (failed ?? 0) + Number(broken), skipped: skipped ?? 0 };
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

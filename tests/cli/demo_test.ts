import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { addonState } from "../../lib/backend/tensorflow.ts";

/** Runs a task's script in a folder of its own, as a user would. */
function task(script: string, args: string[], cwd: string) {
  const path = new URL(`../../scripts/${script}`, import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--config", config, path, ...args],
    cwd,
    stdout: "piped",
    stderr: "piped",
  });
}

async function refused(script: string, args: string[]): Promise<string> {
  const cwd = await Deno.makeTempDir();
  const { code, stderr } = await task(script, args, cwd).output();
  assertEquals([...Deno.readDirSync(cwd)].length, 0, "something was written");
  assertEquals(code, 1);
  return new TextDecoder().decode(stderr).trim();
}

Deno.test("an option that makes no sense is one sentence, and nothing is written", async () => {
  assertStringIncludes(
    await refused("demo.ts", ["--stesp", "3"]),
    "Unknown option '--stesp'; known are --device, --steps",
  );
  assertStringIncludes(await refused("demo.ts", ["--steps", "0"]), '--steps "0" is not a whole number of at least 1.');
  assertStringIncludes(
    await refused("demo.ts", ["--device", "abacus"]),
    '--device "abacus" is not known: choose one of',
  );
  assertStringIncludes(await refused("setup.ts", ["extra"]), 'Starting "deno task setup" failed: ');
});

Deno.test("the demo can be stopped with Ctrl-C, resumed, and leaves a result and a page", async () => {
  const cwd = await Deno.makeTempDir();
  const options = ["--device", addonState().ready ? "tensorflow" : "wasm"];
  const first = task("demo.ts", [...options, "--steps", "60"], cwd).spawn();
  let seen = "", interrupted = false;
  for await (const text of first.stderr.pipeThrough(new TextDecoderStream())) {
    seen += text;
    if (!interrupted && seen.includes("training RTD")) {
      interrupted = true;
      first.kill("SIGINT");
    }
  }
  const said = await new Response(first.stdout).text();
  assertEquals((await first.status).code, 130, seen);
  const done = Number(said.match(/Stopped after step (\d+)\. To go on: deno task demo --resume/)![1]);
  assert(done >= 1 && done < 60);
  assert(!seen.includes("Error"));

  const steps = String(done + 2);
  const { code, stdout, stderr } = await task(
    "demo.ts",
    [...options, "--steps", steps, "--resume", "--json", "r.json", "--save", "tuned"],
    cwd,
  )
    .output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const result = JSON.parse(await Deno.readTextFile(`${cwd}/r.json`));
  assertEquals(result.losses.length, done + 2);
  assertEquals(result.rows.map(({ name }: { name: string }) => name), [
    "image only",
    "text only",
    "image + text sum",
    "phi + text",
    "phi + text after RTD",
    "oracle",
  ]);
  assertEquals(result.device.backend, options[1]);
  for (const name of ["config.json", "model.safetensors", "tokenizer.json", "phi.safetensors", "README.md"]) {
    assert((await Deno.stat(`${cwd}/tuned/${name}`)).isFile);
  }
  const table = new TextDecoder().decode(stdout);
  assertStringIncludes(table, "macro R@1");
  const page = await Deno.readTextFile(`${cwd}/results/demo/report.html`);
  for (const part of ["Plotly.newPlot", "phi + text after RTD", "<svg", "CC-BY-4.0"]) assertStringIncludes(page, part);
  await Deno.remove(cwd, { recursive: true });
});

Deno.test("set-up names each missing piece with the command that installs it", async () => {
  const cwd = await Deno.makeTempDir(), script = new URL("../../scripts/setup.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const without = async (...args: string[]) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", "--config", config, script, ...args],
      cwd,
      env: { PATH: "/nonexistent" },
    }).output();
    assertEquals(code, 1);
    return new TextDecoder().decode(stderr);
  };
  assertStringIncludes(await without("--force"), "the compiler g++ is missing; install it with");
  assertStringIncludes(
    await without("--force", "--cuda"),
    '"nvidia-smi" does not answer, so there is no NVIDIA driver',
  );
  assertEquals([...Deno.readDirSync(cwd)], []);
});

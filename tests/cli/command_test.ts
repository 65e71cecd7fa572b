import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const fixtures = new URL("fixtures/", import.meta.url).pathname,
  repository = new URL("../../", import.meta.url).pathname;
const assertMatch = (text: string, pattern: RegExp) => assert(pattern.test(text), `${text} does not match ${pattern}`);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

interface Options {
  env?: Record<string, string>;
  cwd?: string;
  allow?: string[];
  script?: string;
}

const allowed = ["--allow-read", "--allow-env=DEBUG,INIT_CWD"];

function spawn(args: string[], { env = {}, cwd = fixtures, allow = allowed, script = "steps.ts" }: Options = {}) {
  const config = `--config=${repository}deno.json`;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", config, ...allow, `${fixtures}${script}`, ...args],
    cwd,
    env: { NO_COLOR: "1", DEBUG: "", INIT_CWD: cwd, ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(args: string[], options?: Options) {
  const { code, stdout, stderr } = await spawn(args, options).output();
  return { code, out: decode(stdout), err: decode(stderr) };
}

Deno.test("command: help names usage, defaults, choices and examples, loads nothing and needs no permission", async () => {
  const { code, out, err } = await run(["--help"], { allow: [] });
  assertEquals({ code, err }, { code: 0, err: "" });
  assertMatch(out, /^Usage: deno task steps \[options\]\n/);
  for (const part of ["(default: 5)", '"wasm"', "Examples:\n  deno task steps --data data"]) {
    assertStringIncludes(out, part);
  }
});

Deno.test("command: defaults, all options, and paths from where the user stands", async () => {
  const home = await Deno.realPath(await Deno.makeTempDir()), options = { env: { INIT_CWD: home } };
  const read = async (args: string[], options: Options) => JSON.parse((await run(args, options)).out);
  assertEquals(await read(["--data", "images/"], options), { data: `${home}/images`, steps: 5, device: "auto" });
  const all = ["--data=./images", "-s", "2", "--rate", "0.5", "--styles", "fluent, noto,fluent", "--device", "wasm"];
  assertEquals(await read([...all, "--resume"], options), {
    data: `${home}/images`,
    steps: 2,
    rate: 0.5,
    styles: ["fluent", "noto"],
    device: "wasm",
    resume: true,
  });
  assertEquals((await read(["--data", home], { env: { INIT_CWD: "/nowhere" } })).data, home);
  // Without the permission to read the variable, the process's own folder.
  const none = { env: { INIT_CWD: "/nowhere" }, cwd: home, allow: ["--allow-read"] };
  assertEquals((await read(["--data", "images"], none)).data, `${home}/images`);
  await Deno.remove(home);
});

const refused: [string[], string][] = [
  [["--data", "x", "--steps", "it's '1' is"], `--steps "it's '1' is" is not a whole number of at least 1.`],
  [["--data", "x", "-s", "0"], '--steps "0" is not a whole number of at least 1.'],
  [["--data", "x", "--stesp", "3"], "Unknown option '--stesp'; did you mean --steps?"],
  [["--dta", "x"], "Unknown option '--dta'; did you mean --data?"],
  [["--data", "x", "--nothing"], "Unknown option '--nothing'; see deno task steps --help."],
  [["--steps", "3"], "Required option '--data <folder>' not specified; see deno task steps --help."],
  [["--data"], "Option '--data <folder>' argument missing; see deno task steps --help."],
  [["--data", "x", "more"], "Too many arguments: expected 0 arguments but got 1: more; see deno task steps --help."],
];
for (const [args, sentence] of refused) {
  Deno.test(`command: refused is ${args.join(" ")}`, async () => {
    assertEquals(await run(args), { code: 1, out: "", err: `${sentence}\n` });
  });
}

Deno.test("command: positional arguments, conflicts, and the action's own exit code", async () => {
  const script = "arguments.ts", refused = async (...args: string[]) => (await run(args, { script })).err;
  assertEquals(await run(["3", "noto", "a"], { script, env: { INIT_CWD: "/home" } }), {
    code: 7,
    out: '{"next":4,"style":"noto","file":"/HOME/A"}\n',
    err: "",
  });
  assertEquals(await refused(), "Missing required argument 'count'; see deno task take --help.\n");
  assertEquals(await refused("x"), 'count "x" is not a whole number of at least 1.\n');
  assertEquals(await refused("1", "oil"), 'style "oil" is not one of noto, fluent.\n');
  assertEquals(
    await refused("1", "--kind", "a", "--none"),
    "Option '--kind <name>' cannot be used with option '--none'; see deno task take --help.\n",
  );
});

Deno.test("command: faults are told together before anything heavy is loaded", async () => {
  assertEquals(await run(["--data", "x", "--rate", "0"]), {
    code: 1,
    out: "",
    err: "The steps failed before it began: --rate 0 would learn nothing.\n",
  });
  assertEquals(await run(["--data", "/no/such", "--rate", "0", "--check"]), {
    code: 1,
    out: "",
    err: "The steps failed before it began, for 2 reasons:\n" +
      "  - Reading /no/such failed: there is no such file or folder.\n  - --rate 0 would learn nothing.\n",
  });
});

Deno.test("command: an error is one sentence without a stack, its stack with DEBUG", async () => {
  const args = ["--data", "x", "--rate", "1"], sentence = "Step 1 failed: the loss is not finite.\n";
  const plain = await run(args);
  assertEquals([plain.code, plain.err], [1, `heavy library loaded\nstepping ...\n${sentence}`]);
  assertMatch((await run(args, { env: { DEBUG: "1" } })).err, /not finite\.\n[^]*\s+at .*steps\.ts/);
  assertEquals((await run(args, { env: { DEBUG: "1" }, allow: ["--allow-read"] })).err, plain.err);
});

/** Starts a fixture, and sends Ctrl-C once it has printed something. */
async function interrupt(args: string[], times: number, script?: string) {
  const child = spawn(args, { script }), out = child.stdout.getReader();
  let seen = decode((await out.read()).value!);
  for (let i = 0; i < times; i++) {
    child.kill("SIGINT");
    await new Promise((go) => setTimeout(go, 200));
  }
  for (let part; !(part = await out.read()).done;) seen += decode(part.value);
  return { code: (await child.status).code, out: seen, err: await new Response(child.stderr).text() };
}

Deno.test("command: Ctrl-C once stops cleanly and says how to go on", async () => {
  const { code, out, err } = await interrupt(["--data", "it's here", "--steps", "1000"], 1);
  assertEquals(code, 130);
  assertMatch(
    out,
    /Stopped after step \d+\. To go on: deno task steps --resume --data 'it'\\''s here' --steps 1000\n$/,
  );
  assertStringIncludes(err, "Stopping; press Ctrl-C again to stop at once.");
});

Deno.test("command: Ctrl-C twice ends at once what does not listen", async () => {
  const { code, out } = await interrupt([], 2, "stubborn.ts");
  assertEquals([code, out.includes("ended by itself")], [130, false]);
});

Deno.test("command: what a stage throws after Ctrl-C is no error", async () => {
  const { code, out, err } = await interrupt(["--stage"], 1, "stubborn.ts");
  assertEquals([code, out], [130, "started\nStopped.\n"]);
  assertEquals(err.trimEnd().split("\n").at(-1), "Stopping; press Ctrl-C again to stop at once.");
});

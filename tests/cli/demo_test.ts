import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { device, runTask, startTask } from "./run_command.ts";

Deno.test("the demo runs once a folder, can be stopped with Ctrl-C, resumed, and leaves a result and a page", async () => {
  const cwd = await Deno.makeTempDir();
  const first = startTask("demo", ["--size", "small", "--device", device, "--steps", "60"], { cwd });
  let seen = "", interrupted = false;
  for await (const text of first.stderr.pipeThrough(new TextDecoderStream())) {
    seen += text;
    if (!interrupted && seen.includes("training RTD [")) {
      interrupted = true;
      const second = await runTask("demo", ["--device", device], { cwd });
      assertEquals(second.code, 1);
      assertStringIncludes(second.err, "The demo failed: another process is at work on results/demo");
      first.kill("SIGINT");
    }
  }
  const printed = await new Response(first.stdout).text();
  assertEquals((await first.status).code, 130, seen);
  assertStringIncludes(printed, "minutes on two CPU cores");
  assert(/\na step needs about \d+ MB of tensors \(frozen /.test(printed), printed);
  const end = /Stopped after step (\d+)\. To go on: deno task demo --resume --size small --device \w+ --steps 60\n$/;
  const done = Number(printed.match(end)![1]);
  assert(done >= 1 && done < 60);
  assert(!seen.includes("Error"));

  const options = [
    "--size",
    "small",
    "--device",
    device,
    "--steps",
    String(done + 2),
    "--resume",
    "--json",
    "r.json",
    "--save",
    "tuned",
  ];
  const { code, out, err } = await runTask("demo", options, { cwd });
  assertEquals(code, 0, err);
  const result = JSON.parse(await Deno.readTextFile(`${cwd}/r.json`));
  assertEquals(result.losses.length, done + 2);
  assertEquals(result.rows.map(({ name }: { name: string }) => name), [
    "image only",
    "text only",
    "image + text sum",
    "image x text product",
    "phi + text",
    "phi + text after RTD",
    "oracle",
  ]);
  assertEquals(result.device.backend, device);
  for (const name of ["config.json", "model.safetensors", "tokenizer.json", "phi.safetensors", "README.md"]) {
    assert((await Deno.stat(`${cwd}/tuned/${name}`)).isFile);
  }
  assertStringIncludes(out, "macro R@1");
  const page = await Deno.readTextFile(`${cwd}/results/demo/report.html`);
  for (const part of ["Plotly.react(", "phi + text after RTD", "<svg", "Apache-2.0"]) assertStringIncludes(page, part);
  await Deno.remove(cwd, { recursive: true });
});

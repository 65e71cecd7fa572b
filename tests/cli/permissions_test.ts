import { assertEquals } from "@std/assert";

const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));

/** Tasks of people who work on the toolkit, which start programs with all permissions. */
const ofDevelopers = /^(parity.*|agreement|fuzz|chaos|corrupt|hostile|bench.*)$/;

Deno.test("permissions: only fetch-model, fetch-phi, phrases and triplets reach any host; fetch-data and serve this machine on any port; no other task", async () => {
  const server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response("reached"));
  const code = `const { state } = await Deno.permissions.query({ name: "net", host: "example.org" });
    try { console.log(await (await fetch("http://127.0.0.1:${server.addr.port}")).text(), state); }
    catch (error) { console.log(error.name, state); }`;
  const script = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(script, code);
  const found: Record<string, string> = {};
  for (const [name, { command }] of Object.entries<{ command: string }>(tasks)) {
    if (ofDevelopers.test(name) || !command.startsWith("deno run ")) continue;
    const permissions = command.split(" ").slice(2).filter((word) => word.startsWith("--"));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...permissions, script],
    }).output();
    found[name] = new TextDecoder().decode(stdout).trim();
  }
  const tasksThat = (result: string) => Object.keys(found).filter((name) => found[name] === result);
  assertEquals(tasksThat("reached granted"), ["fetch-model", "fetch-phi", "phrases", "triplets"]);
  assertEquals(tasksThat("reached prompt"), ["fetch-data", "serve"]);
  assertEquals(tasksThat("NotCapable prompt").length + 6, Object.keys(found).length);
  await server.shutdown();
  await Deno.remove(script);
});

Deno.test("permissions: tasks may call native code of the checkout's own folders only, and read named variables", () => {
  const wide = Object.entries<{ command: string }>(tasks).flatMap(([name, { command }]) =>
    ofDevelopers.test(name)
      ? []
      : command.split(" ").filter((word) => /^--allow-(all|ffi|env|sys)$|^-A$/.test(word)).map((word) => [name, word])
  );
  assertEquals(wide, []);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Asked, completion, goodReply, standIn } from "../triplets/make/stand_in.ts";
import { type Ended, runTask, startTask } from "./run_command.ts";

// The task is given the network for this machine alone, whatever it has.
const flags = ["--allow-net=127.0.0.1", "--allow-env=OPENAI_API_KEY"];

const things = ["dog", "cat", "horse", "zebra", "bird", "cow"], places = ["a chair", "a bench", "a table", "the road"];
const captions = things.flatMap((thing) => places.map((place) => `A ${thing} sits on ${place} near the old house.`));

/** Runs with a folder that holds captions. */
async function inFolder(
  test: (cwd: string, make: (...args: string[]) => Promise<Ended>) => Promise<void>,
): Promise<void> {
  const cwd = await Deno.makeTempDir();
  await Deno.writeTextFile(`${cwd}/captions.txt`, captions.join("\n") + "\n");
  await test(
    cwd,
    (...args) => runTask("triplets", ["make", "--captions", "captions.txt", ...args], { cwd, flags }),
  );
  await Deno.remove(cwd, { recursive: true });
}

const filesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const rowsOf = async (file: string) =>
  (await Deno.readTextFile(file)).trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test("triplets make: rule and difference write rows that inspect reads, and the same ones again", async () => {
  await inFolder(async (cwd, make) => {
    for (const method of ["rule", "difference"]) {
      const [first, again] = ["a", "b"].map((name) => `${method}-${name}.jsonl`);
      const { code, out, err } = await make("--method", method, "--out", first, "--count", "20", "--seed", "3");
      assertEquals(code, 0, err);
      assertStringIncludes(out, `20 triplets from 24 captions in `);
      assertStringIncludes(out, "20 rows, 20 triplets, 0 dropped");
      assertStringIncludes(out, "Target captions found by words alone");
      const rows = await rowsOf(`${cwd}/${first}`);
      assertEquals(rows.length, 20);
      for (const { reference, conditioning, target, provenance } of rows) {
        assertEquals(provenance.method, method);
        assertEquals(reference, captions[provenance.captions[0].line - 1]);
        if (method === "difference") assertEquals(target, captions[provenance.captions[1].line - 1]);
        for (const words of provenance.swap) assertStringIncludes(conditioning, words.replace(/^(a|the) /, ""));
      }
      const record = JSON.parse(await Deno.readTextFile(`${cwd}/${method}-a.provenance.json`));
      assertEquals([record.method, record.seed, record.triplets, record.captions.used], [method, 3, 20, 24]);
      await make("--method", method, "--out", again, "--count", "20", "--seed", "3");
      assertEquals(await Deno.readTextFile(`${cwd}/${again}`), await Deno.readTextFile(`${cwd}/${first}`));
      assertEquals((await make("--method", method, "--out", "c.jsonl", "--count", "20", "--seed", "4")).code, 0);
      assert(await Deno.readTextFile(`${cwd}/c.jsonl`) !== await Deno.readTextFile(`${cwd}/${first}`));
      await Deno.remove(`${cwd}/c.jsonl`);
    }
  });
});

Deno.test("triplets make: fewer triplets than were asked for are told", async () => {
  await inFolder(async (_cwd, make) => {
    const { out } = await make("--method", "difference", "--out", "x.jsonl", "--count", "100000");
    const [, made] = out.match(/^(\d+) triplets of the 100,000 that were asked for from 24 captions/m)!;
    assert(Number(made) > 20);
  });
});

Deno.test("triplets make: everything that is wrong is told at once, and nothing is written", async () => {
  await inFolder(async (cwd, make) => {
    await Deno.writeTextFile(`${cwd}/login.html`, "<!doctype html><title>Log in</title>");
    await Deno.writeTextFile(`${cwd}/there.jsonl`, "mine\n");
    const before = filesIn(cwd);
    const wrong = await make(
      ...["--method", "in-context", "--captions", "login.html", "--out", "there.jsonl", "--endpoint", "localhost"],
      ...["--span-words", "2", "--shots", "40", "--clip", "no-clip"],
    );
    assertEquals(wrong.code, 1);
    for (
      const sentence of [
        "Making triplets failed before it began, for 7 reasons:",
        "--span-words is for --method difference; leave it out with --method in-context.",
        `Writing ${cwd}/there.jsonl failed: there is a file already; name another, or move it away.`,
        '--endpoint "localhost" is not an address, such as http://localhost:11434/v1.',
        "--model is missing: the model's name at the endpoint.",
        "--shots 40 is more than the 12 examples that there are.",
        "no-clip",
        `${cwd}/login.html is a web page`,
      ]
    ) assertStringIncludes(wrong.err, sentence);
    const refusals: [string[], string][] = [
      [["--method", "magic", "--out", "x.jsonl"], '--method "magic" is not one of rule, difference, in-context.'],
      [["--method", "rule"], "Required option '--out <file>' not specified"],
      [["--method", "rule", "--out", "x.jsonl", "--count", "0"], '--count "0" is not a whole number of at least 1.'],
      [
        ["--method", "rule", "--out", "x.jsonl", "--least-count", "1000"],
        "Making triplets by rule failed: no noun or adjective of the 24 captions is used 1000 times in one way",
      ],
      [
        ["--method", "difference", "--out", "x.jsonl", "--shared-words", "50"],
        "Making triplets failed: the captions gave none; give more of them.",
      ],
    ];
    for (const [args, sentence] of refusals) {
      const { code, err } = await make(...args);
      assertEquals(code, 1, err);
      assertStringIncludes(err, sentence);
    }
    assertEquals(filesIn(cwd), before);
    assertEquals(await Deno.readTextFile(`${cwd}/there.jsonl`), "mine\n");
  });
});

/** Runs with a stand-in for a language model. */
async function withModel(
  answer: (asked: Asked) => Response | Promise<Response>,
  test: (url: string, asked: Asked[]) => Promise<void>,
) {
  const server = standIn(answer);
  await test(server.url, server.asked);
  await server.close();
}

Deno.test("triplets make: killed while it asks a language model, it goes on and makes the same file", async () => {
  await inFolder(async (cwd, make) => {
    let killAt = Infinity, kill = () => {};
    await withModel(({ caption, count }) => {
      if (count === killAt) kill();
      return completion(caption.includes("cat") ? "No." : goodReply(caption));
    }, async (url, asked) => {
      const args = [
        "--method",
        "in-context",
        "--endpoint",
        url,
        "--model",
        "small",
        "--attempts",
        "2",
        "--parallel",
        "2",
      ];
      const whole = await make(...args, "--out", "whole.jsonl");
      assertEquals(whole.code, 0, whole.err);
      assertEquals(asked.length, 28);
      assertStringIncludes(whole.out, "28 requests, 1,120 prompt tokens, 840 reply tokens; 0 replies were in ");
      assertStringIncludes(whole.out, "Replies refused:\n  8: reply without the two lines that were asked for");
      assertStringIncludes(whole.out, "  4: caption for which no reply made a triplet");
      for (killAt of [28 + 9, 28 + 18]) {
        const child = startTask("triplets", ["make", "--captions", "captions.txt", ...args, "--out", "cut.jsonl"], {
          cwd,
          flags,
        });
        kill = () => child.kill("SIGKILL");
        assertEquals((await child.output()).signal, "SIGKILL");
        assertEquals(filesIn(cwd).includes("cut.jsonl"), false);
      }
      const before = asked.length, rest = await make(...args, "--out", "cut.jsonl");
      assertEquals(rest.code, 0, rest.err);
      assertEquals(await Deno.readTextFile(`${cwd}/cut.jsonl`), await Deno.readTextFile(`${cwd}/whole.jsonl`));
      // Each kill loses the two requests that were under way, at most.
      assert(asked.length <= 28 + 28 + 2 * 2, `${asked.length} requests`);
      const [, found] = rest.out.match(/; (\d+) replies were in /)!;
      assertEquals(Number(found) + asked.length - before, 28);
    });
  });
});

Deno.test("triplets make: an endpoint that dies is one sentence, and says how to go on", async () => {
  await inFolder(async (cwd, make) => {
    await withModel(
      ({ caption, count }) =>
        count > 5 ? new Response("no such model", { status: 404 }) : completion(goodReply(caption)),
      async (url) => {
        const { code, err } = await make(
          ...["--method", "in-context", "--endpoint", url, "--model", "small", "--parallel", "1", "--out", "x.jsonl"],
        );
        assertEquals(code, 1);
        assertStringIncludes(
          err,
          `for "small" failed: it said 404 no such model. The replies are kept in ${cwd}/x.jsonl.replies; the same ` +
            "command goes on from there.",
        );
        assertEquals(filesIn(cwd), ["captions.txt", "x.jsonl.replies"]);
        assertEquals((await rowsOf(`${cwd}/x.jsonl.replies`)).length, 5);
      },
    );
  });
});

Deno.test("triplets make: an estimate asks nothing and writes nothing", async () => {
  await inFolder(async (cwd, make) => {
    const { code, out } = await make(
      ...["--method", "in-context", "--out", "x.jsonl", "--estimate", "--count", "10", "--price-in", "1000000"],
      ...["--price-out", "0"],
    );
    assertEquals(code, 0);
    const [, prompt, cost] = out.match(
      /^10 triplets take at least as many requests: about ([\d,]+) prompt tokens and \d+ reply tokens, about ([\d.]+) at the prices given\.$/m,
    )!;
    assertEquals(Number(cost), Number(prompt.replaceAll(",", "")));
    assertEquals(filesIn(cwd), ["captions.txt"]);
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { estimateInContext, type InContextOptions, inContextTriplets } from "../../../lib/triplets/make/in_context.ts";
import { inContextExamples } from "../../../lib/triplets/make/in_context_examples.ts";
import type { Dropped, MadeTriplet } from "../../../lib/triplets/make/made_triplet.ts";
import { type Asked, completion, goodReply, standIn } from "./stand_in.ts";

const captions = ["dog", "cat", "bus", "horse", "bird", "boat", "tree", "house"].map((what, i) => ({
  text: `A ${what} near the water.`,
  at: { line: i + 1 },
}));

/** Runs with a folder and a server that answers as given. */
async function withEndpoint(
  answer: (asked: Asked) => Response | Promise<Response>,
  test: (run: (options?: Partial<InContextOptions>) => ReturnType<typeof inContextTriplets>, asked: Asked[]) => Promise<
    void
  >,
): Promise<void> {
  const folder = await Deno.makeTempDir(), server = standIn(answer);
  try {
    await test(
      (options) =>
        inContextTriplets(captions, { url: server.url, model: "small" }, {
          replies: `${folder}/replies`,
          seed: 1,
          wait: 0,
          ...options,
        }),
      server.asked,
    );
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("inContextTriplets: an endpoint that misbehaves in every way is asked again, and told by reason", async () => {
  const long = Array(90).fill("long").join(" "), retries: string[] = [];
  const bad: ((caption: string) => Response)[] = [
    () => new Response("busy", { status: 429, headers: { "retry-after": "0" } }),
    () => new Response("<html>nonsense</html>"),
    () => completion("I cannot help with that."),
    (caption) => completion(`Instruction: keep it\nNew caption: ${caption.toUpperCase()}`),
    () => completion("Instruction: \nNew caption: A cat."),
    () => completion(`Instruction: make it ${long}\nNew caption: A cat.`),
    () =>
      completion("Instruction: replace the dog with two kittens\nNew caption: Two kittens sleeping on a red couch."),
    () => completion("Instruction: A cat.\nNew caption: a cat"),
    () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(new TextEncoder().encode('{"choices": [{"mess'));
            controller.close();
          },
        }),
      ),
    () => new Response("", { status: 503 }),
  ];
  const examples = [
    { reference: "A dog.", conditioning: "two kittens", target: "Two kittens sleeping on a red couch." },
    { reference: "A bus.", conditioning: "at night", target: "A bus at night." },
  ];
  await withEndpoint(
    ({ caption, count }) => count <= bad.length ? bad[count - 1](caption) : completion(goodReply(caption)),
    async (run, asked) => {
      const refused: Dropped = new Map(), dropped: Dropped = new Map();
      const result = await run({
        ...{ refused, dropped, examples, shots: 2, parallel: 1, attempts: 10 },
        onRetry: (reason) => void retries.push(reason),
      });
      assertEquals(result.triplets.length, 8);
      assertEquals([...refused], [
        ["reply without the two lines that were asked for", 1],
        ["target that equals the reference", 1],
        ["empty conditioning text or target", 1],
        ["conditioning text or target that is longer than CLIP reads", 1],
        ["reply that equals an example", 1],
        ["conditioning text that equals the target or the reference", 1],
      ]);
      assertEquals(retries.map((reason) => reason.slice(0, 25)), [
        "it said 429 busy",
        "its answer is no chat com",
        "its answer is no chat com",
        "it said 503",
      ]);
      assertEquals([result.requests, result.promptTokens, asked.length], [14, 560, 18]);
      assertEquals(dropped.size, 0);
      // A further request for the same caption has another seed, so that a model that heeds it says something else.
      assertEquals(new Set(asked.slice(2, 8).map(({ seed }) => seed)).size, 6);
    },
  );
});

Deno.test("inContextTriplets: golden triplet with everything that it was made from", async () => {
  await withEndpoint(({ caption }) => completion(goodReply(caption)), async (run, asked) => {
    const { triplets } = await run({ count: 1, parallel: 1, temperature: 0.5 });
    const at = captions.findIndex(({ text }) => text === triplets[0].reference);
    const order = (reference: string) => asked[0].prompt.indexOf(`Caption: ${reference}\n`);
    const shown = inContextExamples.map(({ reference }, i) => [order(reference), i + 1])
      .filter(([place]) => place >= 0).sort(([a], [b]) => a - b).map(([, number]) => number);
    assertEquals(shown.length, 4);
    assertEquals(triplets, [{
      reference: captions[at].text,
      conditioning: `make it snow on "${captions[at].text.split(" ")[1]}"`,
      target: `${captions[at].text.slice(0, -1)} in the snow`,
      provenance: {
        method: "in-context",
        captions: [{ line: at + 1 }],
        seed: 1,
        requestSeed: asked[0].seed,
        model: "small",
        examples: shown,
        temperature: 0.5,
      },
    }]);
  });
});

Deno.test("inContextTriplets: the triplets do not depend on which reply came first", async () => {
  const made: MadeTriplet[][] = [];
  for (const slow of [0, 1]) {
    await withEndpoint(async ({ caption, count }) => {
      await new Promise((resume) => setTimeout(resume, count % 2 === slow ? 30 : 1));
      return completion(caption.includes("cat") ? "no" : goodReply(caption));
    }, async (run) => void made.push((await run({ count: 4, parallel: 3 })).triplets));
  }
  assertEquals(made[0].length, 4);
  assertEquals(made[0], made[1]);
});

Deno.test("inContextTriplets: what was answered is not asked again, and more triplets ask for the rest only", async () => {
  await withEndpoint(({ caption }) => completion(goodReply(caption)), async (run, asked) => {
    const first = await run({ count: 3, parallel: 1 });
    assertEquals([first.requests, first.found, asked.length], [3, 0, 3]);
    const again = await run({ count: 3, parallel: 2 });
    assertEquals([again.requests, again.found, again.triplets], [0, 3, first.triplets]);
    const all = await run();
    assertEquals([all.requests, all.found, all.triplets.length, asked.length], [5, 3, 8, 8]);
    assertEquals(all.triplets.slice(0, 3), first.triplets);
    // Another seed, model or temperature is another request.
    assertEquals((await run({ seed: 2 })).found, 0);
    assertEquals((await run({ temperature: 0 })).found, 0);
  });
});

Deno.test("inContextTriplets: an endpoint that dies half-way loses nothing, and a caption without a good reply is told", async () => {
  let alive = 4;
  await withEndpoint(
    ({ caption }) => {
      if (alive-- <= 0) return new Response("out of memory", { status: 500 });
      return completion(caption.includes("bus") ? "I refuse." : goodReply(caption));
    },
    async (run, asked) => {
      await assertRejects(
        () => run({ parallel: 1, retries: 1, attempts: 2 }),
        Error,
        'for "small" failed 2 times: it said 500 out of memory.',
      );
      alive = 100;
      const before = asked.length, dropped: Dropped = new Map(), result = await run({ attempts: 2, dropped });
      assertEquals(result.found, 4);
      assertEquals([...dropped], [["caption for which no reply made a triplet", 1]]);
      assertEquals(result.triplets.length, 7);
      assertEquals(asked.length - before, result.requests);
      // One that fails while the last is under way is made up for.
      const five = await run({ count: 7, attempts: 2, parallel: 4, seed: 3 });
      assertEquals(five.triplets.length, 7);
    },
  );
});

Deno.test("inContextTriplets: options out of their range are refused before anything is asked", async () => {
  await withEndpoint(() => completion("x"), async (run, asked) => {
    for (
      const [options, message] of [
        [{ parallel: 0 }, "parallel is 0, expected a whole number of at least 1."],
        [{ attempts: 1.5 }, "attempts is 1.5, expected a whole number of at least 1."],
        [{ shots: 13 }, "shots is 13, expected a whole number from 1 to 12, the number of examples."],
      ] as const
    ) await assertRejects(() => run(options), Error, message);
    assertEquals(asked.length, 0);
  });
});

Deno.test("estimateInContext: the prompts are those that are sent", async () => {
  await withEndpoint(({ caption }) => completion(goodReply(caption)), async (run, asked) => {
    await run({ count: 5, shots: 3, parallel: 1 });
    const letters = asked.reduce((sum, { prompt }) => sum + prompt.length, 0);
    const { requests, prompt, reply } = estimateInContext(captions, { seed: 1, count: 5, shots: 3 });
    assertEquals([requests, prompt], [5, Math.ceil(letters / 4)]);
    assert(reply > 80 && reply < 200, String(reply));
  });
});

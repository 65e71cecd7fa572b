/** The campaign of mutated inputs in short: every input that once broke a parser, and some mutations of each. */
import { assert, assertEquals } from "@std/assert";
import { useDevice } from "../../lib/backend/device.ts";
import { fuzzParser } from "../../scripts/fuzz/campaign.ts";
import { inputAt } from "../../scripts/fuzz/inputs.ts";
import { Contradiction, type Parser, textSample } from "../../scripts/fuzz/parser.ts";
import { makeParser, parserNames } from "../../scripts/fuzz/parsers.ts";
import * as tf from "../../lib/tensors/tf.ts";

const bounds = { seed: 1, from: 0, seconds: 1.5, inputs: 250 };

Deno.test("fuzz: every parser reads or refuses inputs that once broke it, and mutations of all", async (t) => {
  await useDevice("wasm");
  const scratch = await Deno.makeTempDir(), { warn } = console;
  console.warn = () => {};
  try {
    for (const name of parserNames) {
      await t.step(name, async () => {
        const parser = await makeParser(name, `${scratch}/${name}`);
        const { findings, inputs } = await fuzzParser(name, parser, {
          ...bounds,
          inputs: bounds.inputs + parser.samples.length,
        });
        assertEquals(findings.map(({ number, what }) => `input ${number} of seed ${bounds.seed}: ${what}`), []);
        assert(inputs >= Math.min(20, parser.samples.length), `only ${inputs} inputs`);
      });
    }
  } finally {
    console.warn = warn;
    await Deno.remove(scratch, { recursive: true });
  }
});

Deno.test("fuzz: inputs depend on parser, seed and number alone", async () => {
  const scratch = await Deno.makeTempDir();
  const [first, second] = [await makeParser("cirr", `${scratch}/1`), await makeParser("cirr", `${scratch}/2`)];
  for (let number = 0; number < 200; number++) inputAt(first, "cirr", 1, number);
  assertEquals(inputAt(first, "cirr", 1, 150), inputAt(second, "cirr", 1, 150));
  assert(inputAt(first, "cirr", 2, 150).bytes.join() !== inputAt(first, "cirr", 1, 150).bytes.join());
  await Deno.remove(scratch, { recursive: true });
});

Deno.test("fuzz: each kind of misbehaviour is found", async () => {
  await useDevice("wasm");
  const misbehaving: Record<string, (text: string) => unknown> = {
    "raw TypeError": () => (null as unknown as { x: number }).x,
    "the file is not named": () => refuse("Reading failed."),
    "several lines": () => refuse("Reading made.txt failed: a\nb."),
    "a message of": () => refuse(`Reading made.txt failed: ${"x".repeat(2000)}.`),
    "no sentence": () => refuse("made.txt"),
    "raw error of the system": () => refuse("Reading made.txt failed: gone (os error 2)."),
    "contradicts itself: a reason": () => {
      throw new Contradiction("a reason", 1);
    },
    "tensors in memory": () => tf.scalar(1),
    "took": () => wait(2100),
    "changed a prototype": () => Object.assign(Object.prototype, { polluted: true }),
    "memory grew": () => new Float32Array(2 ** 28).fill(1),
  };
  for (const [expected, read] of Object.entries(misbehaving)) {
    const parser: Parser = { samples: [textSample("made.txt", "x")], names: ["made.txt"], read: () => read("") };
    const { findings } = await fuzzParser("made", parser, { ...bounds, inputs: 1 });
    Reflect.deleteProperty(Object.prototype, "polluted");
    // On a busy machine filling the memory may take too long as well.
    assert(findings.some(({ what }) => what.includes(expected)), `${expected}: ${JSON.stringify(findings)}`);
  }
  const good: Parser = {
    samples: [textSample("made.txt", "x")],
    names: ["made.txt"],
    read: () => refuse("Reading made.txt failed: it is empty."),
  };
  assertEquals((await fuzzParser("made", good, { ...bounds, inputs: 5 })).findings, []);
  tf.disposeVariables();
});

function refuse(message: string): never {
  throw new Error(message);
}

function wait(ms: number): void {
  for (const started = performance.now(); performance.now() - started < ms;);
}

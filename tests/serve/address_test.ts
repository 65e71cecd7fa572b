import { assertEquals } from "@std/assert";
import { readAddress, start, withLast, withStep, writeAddress } from "../../lib/serve/page/address.js";

const methods = ["composed", "sum", "image"], token = "01234567-89ab-4cde-8f01-23456789abcd";

Deno.test("writeAddress: what was written is read again, whatever the texts hold", () => {
  const steps = [
    { image: 12, text: "is a man" },
    { image: token, text: 'has: a & "b" = c? #d +e %41 \u{1f469}\n' },
    { image: undefined, text: "green apple" },
    { image: 0, text: "" },
  ];
  for (const state of [{ steps, method: "sum", weight: 0.35 }, { steps: [], method: "composed", weight: 0.5 }]) {
    const address = writeAddress(state, methods);
    assertEquals(readAddress(address.slice(1), methods), state);
  }
  assertEquals(writeAddress(start, methods), "/");
  assertEquals(writeAddress({ ...start, steps: [steps[0]] }, methods), "/?step=12%3Ais+a+man");
});

Deno.test("readAddress: an image is a row or a token, never an address or a path; what is odd is left out", () => {
  const images = (step: string) => readAddress(`?step=${encodeURIComponent(step)}`, methods).steps;
  for (
    const odd of ["http://example.org/a.png:x", "../../etc/passwd:x", "-1:x", "1e3:x", "x", ":", "", `${token}0:x`]
  ) {
    assertEquals([odd, images(odd)], [odd, []]);
  }
  assertEquals(images("7:"), [{ image: 7, text: "" }]);
  assertEquals(images(`:${"a".repeat(600)}`)[0].text.length, 500);
  for (const odd of ["weight=101", "weight=-1", "weight=x", "method=magic", "method="]) {
    assertEquals(readAddress(`?${odd}`, methods), start);
  }
});

Deno.test("withStep: twelve steps are remembered, and the last one can be changed", () => {
  let state = start;
  for (let image = 0; image < 20; image++) state = withStep(state, { image, text: "" });
  assertEquals(state.steps.map(({ image }: { image?: number }) => image), [
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
  ]);
  assertEquals(withLast(state, { text: "is red" }).steps.at(-1), { image: 19, text: "is red" });
  assertEquals(withLast(start, { text: "is red" }).steps, [{ image: undefined, text: "is red" }]);
  assertEquals(start.steps, []);
});

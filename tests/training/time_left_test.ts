import { assertAlmostEquals, assertEquals } from "@std/assert";
import { duration, timeLeft } from "../../lib/training/time_left.ts";

Deno.test("timeLeft: the first step does not count, a trial does until there are ten, validations are added", () => {
  const time = (seconds: number) => ({ seconds, drawing: 0 });
  const clock = timeLeft(time(4)), left = (steps: number, validations = 0) => clock.left({ steps, validations });
  assertEquals(left(100), 400);
  clock.step(time(60));
  assertEquals(left(99), 99 * 4);
  for (let step = 2; step <= 9; step++) clock.step(time(1));
  assertAlmostEquals(left(9)!, 9 * (8 * 1 + 4) / 9, 1e-9);
  clock.step(time(1));
  assertEquals(left(10), 10);
  clock.validation(30);
  assertEquals(left(10, 2), 70);
  for (let step = 0; step < 50; step++) clock.step(time(2));
  assertEquals(left(10), 20, "old steps still count");
  assertEquals(timeLeft().left({ steps: 10, validations: 0 }), undefined);
  assertEquals(timeLeft(time(2), 5).left({ steps: 10, validations: 1 }), 25);
});

Deno.test("timeLeft: drawing is counted for the steps alone whose features are not cached", () => {
  const clock = timeLeft({ seconds: 5, drawing: 2 });
  assertEquals(clock.left({ steps: 100, validations: 0 }), 500);
  assertEquals(clock.left({ steps: 100, uncached: 10, validations: 0 }), 100 * 3 + 10 * 2);
  clock.step({ seconds: 100, drawing: 90 });
  for (let step = 0; step < 10; step++) clock.step({ seconds: 4, drawing: 1 });
  assertEquals(clock.left({ steps: 20, uncached: 0, validations: 0 }), 60);
});

Deno.test("duration: hours, minutes and seconds in words", () => {
  const written = [0.2, 59, 89, 90, 59 * 60, 3600, 7800].map(duration);
  assertEquals(written, ["1 s", "59 s", "89 s", "2 min", "59 min", "1 h", "2 h 10 min"]);
});

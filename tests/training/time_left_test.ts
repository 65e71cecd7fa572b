import { assertEquals } from "@std/assert";
import { duration, timeLeft } from "../../lib/training/time_left.ts";

Deno.test("timeLeft: the first step does not count, a trial does until there are ten, validations are added", () => {
  const clock = timeLeft(4);
  assertEquals(clock.left(100, 0), 400);
  clock.step(60);
  assertEquals(clock.left(99, 0), 99 * 4);
  for (let step = 2; step <= 9; step++) clock.step(1);
  assertEquals(clock.left(9, 0), 9 * (8 * 1 + 4) / 9);
  clock.step(1);
  assertEquals(clock.left(10, 0), 10);
  clock.validation(30);
  assertEquals(clock.left(10, 2), 70);
  for (let step = 0; step < 50; step++) clock.step(2);
  assertEquals(clock.left(10, 0), 20, "old steps still count");
  assertEquals(timeLeft().left(10, 0), undefined);
  assertEquals(timeLeft(2, 5).left(10, 1), 25);
});

Deno.test("duration: hours, minutes and seconds in words", () => {
  const written = [0.2, 59, 89, 90, 59 * 60, 3600, 7800].map(duration);
  assertEquals(written, ["1 s", "59 s", "89 s", "2 min", "59 min", "1 h", "2 h 10 min"]);
});

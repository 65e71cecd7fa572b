import { assertEquals } from "@std/assert";
import { eventFileHeader, eventFileName, scalarEvent } from "../../lib/report/event_file.ts";
import { type MetricsLine, openMetricsLog } from "../../lib/report/metrics_log.ts";

Deno.test("openMetricsLog: lines after the checkpoint are dropped, and so is one that a kill cut", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/metrics.jsonl`;
  const line = (step: number): MetricsLine => ({ step, seconds: step, loss: 1 / (step + 1) });
  const first = { ...line(0), validation: { "R@1": 25 } };
  {
    using log = await openMetricsLog(folder);
    [first, line(1), line(2), line(3)].forEach(log.add);
  }
  const text = await Deno.readTextFile(file);
  assertEquals(text.split("\n").filter((one) => one !== "").map((one) => JSON.parse(one)), [
    first,
    ...[1, 2, 3].map(line),
  ]);
  await Deno.writeTextFile(file, text.slice(0, -9));
  {
    using log = await openMetricsLog(folder, 2);
    assertEquals(log.lines, [first, line(1), line(2)]);
    log.add({ ...line(3), rate: 0.5 });
  }
  const events = [
    eventFileHeader(),
    scalarEvent(0, 0, { "train/loss": 1, "validation/R@1": 25 }),
    ...[1, 2].map((step) => scalarEvent(step, step, { "train/loss": 1 / (step + 1) })),
    scalarEvent(3, 3, { "train/loss": 1 / 4, "train/learning_rate": 0.5 }),
  ];
  const found = (await Deno.readFile(`${folder}/${eventFileName}`)).toHex();
  assertEquals(found, events.map((event) => event.toHex()).join(""));
  {
    using log = await openMetricsLog(folder);
    assertEquals(log.lines, [], "a new run keeps lines of an older one");
  }
  assertEquals(await Deno.readTextFile(file), "");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openMetricsLog: a norm that is not finite is left out of the lines and of both files", async () => {
  const folder = await Deno.makeTempDir(), line = { step: 1, seconds: 1, loss: 2 };
  {
    using log = await openMetricsLog(folder);
    for (const gradientNorm of [Infinity, NaN, undefined]) log.add({ ...line, gradientNorm });
    assertEquals(log.lines, [line, line, line]);
    log.add({ ...line, gradientNorm: 3 });
  }
  const text = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  assertEquals(text.trim().split("\n").map((one) => JSON.parse(one)), [line, line, line, { ...line, gradientNorm: 3 }]);
  const more: Record<string, number>[] = [{}, {}, {}, { "train/gradient_norm": 3 }];
  const events = more.map((more) => scalarEvent(1, 1, { "train/loss": 2, ...more }));
  const found = (await Deno.readFile(`${folder}/${eventFileName}`)).toHex();
  assertEquals(found, [eventFileHeader(), ...events].map((event) => event.toHex()).join(""));
  await Deno.remove(folder, { recursive: true });
});

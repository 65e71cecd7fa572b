import { assertEquals } from "@std/assert";
import { fitting } from "../../bench/fitting.ts";
import { median, stepTable } from "../../bench/step_table.ts";
import { workOf } from "../../bench/work.ts";
import type { Program } from "../../bench/workers.ts";
import { towers } from "../../bench/towers.ts";
import { packTexts } from "../../lib/clip/packed/packing.ts";

const taken = (seconds: number, peak = 1e9) => ({ seconds, cpu: 2 * seconds, loss: 3.25, peak });

Deno.test("stepTable: medians, ratios within a round, rates beside the round's best product", () => {
  const measured = [
    { name: "packed", taken: [taken(1), taken(2), taken(1)], work: Array(3).fill({ tokens: 100, flops: 20e9 }) },
    { name: "other", taken: [taken(3), taken(4), taken(4, 3e9)], work: Array(3).fill({ tokens: 300, flops: 80e9 }) },
  ];
  const { rows } = stepTable("step", measured, [100, 50, 40]);
  assertEquals(rows, [
    ["packed", "1.000", "1.00 (1.00 to 1.00)", "2.00 (1.00)", "1.00", "100", "20", "20 %", "3.25000"],
    ["other", "4.000", "3.00 (2.00 to 4.00)", "8.00 (3.00)", "3.00", "300", "20", "40 %", "3.25000"],
  ]);
  assertEquals([median([3, 1]), median([5, 1, 2])], [3, 2]);
});

Deno.test("fitting: takes what fits in the order given, and leaves out the rest", () => {
  const need = (name: string, bytes: number) => ({ program: { name } as Program, bytes });
  const { taken, leftOut } = fitting([need("a", 3), need("b", 8), need("c", 4), need("d", 1)], 8);
  assertEquals(taken.map(({ program }) => program.name), ["a", "c", "d"]);
  assertEquals(leftOut.map(({ program }) => program.name), ["b"]);
});

Deno.test("workOf: tokens of each program, with the frozen encoder and without", () => {
  const row = (length: number) => Array(length).fill(5);
  const tokens = (rows: number[][]) => {
    const length = Math.max(...rows.map((ids) => ids.length));
    const ids = Int32Array.from(rows.flatMap((ids) => [...ids, ...Array(length - ids.length).fill(5)]));
    return { ids, rows: rows.length, length, endAt: Int32Array.from(rows, (ids) => ids.length - 1) };
  };
  const lengths = { composed: [8, 10], refined: [6, 6], references: [5, 7], targets: [4, 9] };
  const packing = packTexts(tokens(lengths.composed.map(row)), { mostBuckets: 2 });
  const frozen = [lengths.references, lengths.targets].map((rows) => packTexts(tokens(rows.map(row))));
  const sizes = { lengths, packing, frozen }, config = towers.tiny;
  const of = (program: Partial<Program>, teacher: boolean) =>
    workOf(program as Program, { config, sizes, teacher }).tokens;
  const published = { kind: "PyTorch", recipe: "published" } as const,
    trimmed = { kind: "PyTorch", recipe: "trimmed" } as const;
  assertEquals([of(published, false), of(published, true)], [2 * 2 * 77, 4 * 2 * 77]);
  assertEquals([of(trimmed, false), of(trimmed, true)], [20 + 12, 20 + 12 + 14 + 18]);
  // What two captions share, and two rows as long as the longer: 4 + 2 x 3, 3 + 2 x 6.
  const teacher = frozen.reduce((sum, { ids }) => sum + ids.length, 0);
  assertEquals(teacher, 25);
  const plain = { kind: "ours", encoder: "plain" } as const, packed = { kind: "ours", encoder: "packed" } as const;
  assertEquals([of(plain, false), of(plain, true)], [32, 32 + teacher]);
  assertEquals([of(packed, false), of(packed, true)], [packing.ids.length, packing.ids.length + teacher]);
  const flops = (recompute: boolean) =>
    workOf({ ...packed, recompute } as Program, { config, sizes, teacher: false }).flops;
  assertEquals(flops(true) / flops(false), 4 / 3);
});

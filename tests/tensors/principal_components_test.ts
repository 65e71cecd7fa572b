import { assert, assertEquals } from "@std/assert";
import { planeMap } from "../../lib/tensors/principal_components.ts";
import { type Golden, readGolden } from "../golden.ts";

interface PlaneGolden {
  first: Golden;
  second: Golden;
  x: number[];
  y: number[];
  variance: [number, number];
}

const rowsOf = ({ shape: [N, P], values }: Golden) =>
  Array.from({ length: N }, (_, i) => values.slice(i * P, (i + 1) * P));

Deno.test("planeMap: coordinates and shares of NumPy's singular value decomposition", () => {
  const golden = readGolden<PlaneGolden>("text_and_image.json");
  const { x, y, variance } = planeMap([...rowsOf(golden.first), ...rowsOf(golden.second)]);
  // Both are in 64 bits; the iteration ends when a direction moves by less than 1e-10.
  const off = (found: readonly number[], expected: readonly number[]) =>
    Math.max(...expected.map((value, i) => Math.abs(value - found[i])));
  assert(off(x, golden.x) < 1e-7 && off(y, golden.y) < 1e-7, `${off(x, golden.x)} ${off(y, golden.y)}`);
  assert(off(variance, golden.variance) < 1e-9, `${variance}`);
});

Deno.test("planeMap: points on a line have one component, equal points none", () => {
  const line = planeMap([[0, 0], [3, 4], [6, 8]]);
  assertEquals(line.x.map((value) => Math.round(value * 1e6) / 1e6), [-5, 0, 5]);
  assert(line.y.every((value) => Math.abs(value) < 1e-9));
  assertEquals(line.variance.map((value) => Math.round(value * 1e9) / 1e9), [1, 0]);
  assertEquals(planeMap([[1, 2], [1, 2]]), { x: [0, 0], y: [0, 0], variance: [0, 0] });
});

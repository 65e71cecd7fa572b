/**
 * The two directions in which points differ most (principal component analysis), for maps.
 *
 * Letters: N points, P their width.
 */

/** Points on the plane of their first two principal components. */
export interface PlaneMap {
  /** The coordinate of each point on the first component. */
  x: number[];
  /** The coordinate of each point on the second component. */
  y: number[];
  /** Share of all variance that each of the two components has, 0 to 1. */
  variance: [number, number];
}

/** Power iteration ends when a direction moves by less than this, or after so many products. */
const still = 1e-10, mostProducts = 2000;

/**
 * Projects points on their first two principal components, by power iteration with deflation.
 *
 * The sign of a component is free: here its largest entry is positive, so that the same points give the same map.
 *
 * @param points N points of equal width P
 */
export function planeMap(points: readonly ArrayLike<number>[]): PlaneMap {
  const N = points.length, P = points[0]?.length ?? 0, mean = new Float64Array(P);
  for (const point of points) for (let d = 0; d < P; d++) mean[d] += point[d] / N;
  let rows = points.map((point) => Float64Array.from(point, (value, d) => value - mean[d])); // [N, P]
  const total = rows.reduce((sum, row) => sum + dot(row, row), 0);
  const along = [0, 1].map(() => {
    const direction = firstComponent(rows, P); // [P]
    const values = rows.map((row) => dot(row, direction)); // [N]
    rows = rows.map((row, i) => row.map((value, d) => value - values[i] * direction[d]));
    return values;
  });
  const share = (values: readonly number[]) => total > 0 ? dot(values, values) / total : 0;
  return { x: along[0], y: along[1], variance: [share(along[0]), share(along[1])] };
}

/** The direction in which centred rows differ most; zero where they do not differ. `[P]` */
function firstComponent(rows: readonly Float64Array[], P: number): Float64Array {
  // A fixed start that no symmetric data is at right angles to.
  let direction = unit(Float64Array.from({ length: P }, (_, d) => 1 + Math.sin(d + 1) / 2));
  for (let product = 0; product < mostProducts; product++) {
    const next = new Float64Array(P);
    for (const row of rows) {
      const value = dot(row, direction);
      for (let d = 0; d < P; d++) next[d] += value * row[d];
    }
    const moved = unit(next), distance = Math.hypot(...moved.map((value, d) => value - direction[d]));
    direction = moved;
    if (distance < still) break;
  }
  const largest = direction.reduce((best, value) => Math.abs(value) > Math.abs(best) ? value : best, 0);
  return largest < 0 ? direction.map((value) => -value) : direction;
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector));
  return length > 0 ? vector.map((value) => value / length) : vector;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

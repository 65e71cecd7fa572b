/** The points of a plane that no other point beats in both coordinates. */

/**
 * Returns the indices of the points on the Pareto frontier, by ascending `x`: those to which no other point is equal or
 * better in both coordinates and better in one. Of equal points all are on it.
 *
 * @param points larger is better in both coordinates
 */
export function paretoFrontier(points: readonly { x: number; y: number }[]): number[] {
  return [...points.keys()]
    .filter((at) => {
      const { x, y } = points[at];
      return !points.some((other) => other.x >= x && other.y >= y && (other.x > x || other.y > y));
    })
    .sort((a, b) => points[a].x - points[b].x);
}

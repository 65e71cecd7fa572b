import { assert, assertEquals } from "@std/assert";
import type { Chart } from "../../lib/report/chart.ts";
import { figure } from "../../lib/report/figure.ts";

const chart: Chart = {
  kind: "curves",
  title: "Two against each other",
  xTitle: "plain",
  yTitle: "composed",
  series: [
    { name: "first", x: [10, 20], y: [40, 60], spread: [0, 5], xSpread: [0, 2], labels: ["start", ""] },
    ...Array.from({ length: 7 }, (_, i) => ({ name: `a longer name ${i}`, x: [15], y: [50] })),
  ],
};

Deno.test("figure: curves join their points in order, with error bars both ways, on axes that need not begin at 0", () => {
  const svg = figure(chart).svg();
  // Ticks from 10 to 22 by 5 and from 40 to 65 by 5: x 10 is the left edge, 64, and 25 the right one, 704.
  assert(svg.includes('points="64.0,420.0 490.7,119.2"'), svg);
  assert(svg.includes('<line x1="490.7" x2="490.7" y1="194.4" y2="44.0"'), "an error bar along y");
  assert(svg.includes('<line x1="405.3" x2="576.0" y1="119.2" y2="119.2"'), "an error bar along x");
  // A point without error has no bar, and the eighth curve is dashed.
  assertEquals(svg.match(/opacity="0\.6"/g)?.length, 2);
  assertEquals(svg.match(/stroke-dasharray/g)?.length, 2);
  assertEquals(svg.match(/>start</g)?.length, 1);
  // The legend breaks into rows, and the image is as high as they need.
  assert(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" width="720" height="518"'), svg.slice(0, 99));
});

Deno.test("figure: names of curves' points lie inside and beside each other", () => {
  const points = Array.from({ length: 6 }, (_, i) => 10 + i / 100);
  const close = { name: "close", x: points, y: points, labels: points.map((_, i) => `a name of point ${i}`) };
  const svg = figure({ ...chart, series: [close, { name: "far", x: [0, 20], y: [0, 20] }] }).svg();
  const at = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>a name of point \d</g)]
    .map(([, x, y]) => [Number(x), Number(y)]);
  assertEquals(at.length, 6);
  const width = 5.4 * "a name of point 0".length;
  at.forEach(([x, y], i) => {
    assert(x >= 64 && x + width <= 704 && y >= 44 && y <= 420, `${x}, ${y}`);
    for (const [other, below] of at.slice(i + 1)) {
      assert(Math.abs(x - other) >= width || Math.abs(y - below) >= 12 - 1e-9, `${[x, y]} and ${[other, below]}`);
    }
  });
});

Deno.test("figure: plotly gets curves with names and error bars in both directions", () => {
  const { plotly: { data: [first, second], layout } } = figure(chart);
  assertEquals(first, {
    type: "scatter",
    mode: "lines+markers+text",
    line: { color: "#0072b2", dash: "solid" },
    text: ["start", ""],
    textposition: ["middle right", "middle left"],
    error_y: { type: "data", array: [0, 5], visible: true },
    error_x: { type: "data", array: [0, 2], visible: true },
    name: "first",
    x: [10, 20],
    y: [40, 60],
  });
  assertEquals((second as { mode: string }).mode, "lines+markers");
  assertEquals(layout.yaxis, { title: { text: "composed" } });
});

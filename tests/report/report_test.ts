import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { jupyterDisplay, pngOfSvg } from "../../lib/report/display.ts";
import { figure } from "../../lib/report/figure.ts";
import { table } from "../../lib/report/table.ts";

Deno.test("table: aligns, escapes, and shows a gap as a gap", () => {
  const small = table(["name", "R@1"], [["a < b", 12.345], ["c|d", undefined]]);
  assertEquals(small.text(), ["name    R@1", "-----  ----", "a < b  12.3", "c|d"].join("\n"));
  assertEquals(small.markdown(), "| name | R@1 |\n|---|---:|\n| a < b | 12.3 |\n| c\\|d |  |");
  assertStringIncludes(small.html(), "a &lt; b");
  assertThrows(() => table(["x"], [["a", "b"]]), Error, "a row has 2 cells and there are 1 columns");
});

Deno.test("figure: plotly's object and an image of the same", async () => {
  const shown = figure({
    kind: "bar",
    title: "T",
    xTitle: "x",
    yTitle: "y",
    series: [{ name: "s", x: ["a", "b"], y: [1, 4], spread: [0.5, 0] }, { name: "t", x: ["a", "b"], y: [2, 3] }],
  });
  const bundle = await shown[jupyterDisplay]();
  assertEquals(Object.keys(bundle), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  // A bar of 4 on an axis up to 5 is four fifths of the plot's 276 pixels; one of 1 is one fifth.
  const heights = [...shown.svg().matchAll(/<rect [^>]*y="[\d.]+" height="([\d.]+)"/g)].map(([, height]) =>
    Number(height)
  );
  assert(Math.abs(heights[1] / heights[0] - 4) < 1e-6, heights.join());
  assertThrows(
    () => figure({ kind: "line", title: "T", xTitle: "", yTitle: "", series: [{ name: "s", x: [1], y: [] }] }),
    Error,
    '"s" has 1 x and 0 y',
  );
});

Deno.test("figure: a line with a spread has its error bars in the image too, of the right length", () => {
  const line = { name: "s", x: [0, 1, 2], y: [1, 4, 5], spread: [0, 1, 0.5] };
  const svg = figure({ kind: "line", title: "T", xTitle: "x", yTitle: "y", series: [line] }).svg();
  assertEquals([...svg.matchAll(/<circle /g)].length, 3);
  const lengths = [...svg.matchAll(/y1="([\d.]+)" y2="([\d.]+)" stroke="#222"/g)].map(([, a, b]) =>
    Number(a) - Number(b)
  );
  // Two points of an axis up to 6 are a third of the plot's 276 pixels, one point a sixth; no spread has no bar.
  assertEquals(lengths.map((length) => Math.round(length)), [92, 46]);
});

Deno.test("figure: points on a plane, joined two by two, on axes that begin where the points do", () => {
  const points = { x: [10, 20], y: [-2, 3] },
    series = [
      { name: "s", ...points },
      { name: "t", x: [12, 18], y: [0, 1] },
    ];
  const made = figure({ kind: "scatter", joined: true, title: "T", xTitle: "x", yTitle: "y", series });
  const number = (found: Iterable<RegExpMatchArray>) => [...found].map(([, ...all]) => all.map(Number));
  // From 10 to 20 over 640 pixels, from -2 to 3 over 276.
  assertEquals(number(made.svg().matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)), [
    [64, 320],
    [704, 44],
    [192, 209.6],
    [576, 154.4],
  ]);
  const joins = /<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)" stroke="#aaa"/g;
  assertEquals(number(made.svg().matchAll(joins)), [[64, 320, 192, 209.6], [704, 44, 576, 154.4]]);
  const [lines, first] = made.plotly.data as { x: number[]; y: number[]; mode: string }[];
  assertEquals([lines.x, lines.y], [[10, 12, null, 20, 18, null], [-2, 0, null, 3, 1, null]] as unknown[]);
  assertEquals([lines.mode, first.mode], ["lines", "markers"]);
  assertEquals((made.plotly.layout.yaxis as Record<string, unknown>).rangemode, undefined);
  assertThrows(
    () => figure({ kind: "scatter", joined: true, title: "T", xTitle: "x", yTitle: "y", series: series.slice(1) }),
    Error,
    "its series have 2 points and are to be joined; give two of equal length",
  );
});

Deno.test("pngOfSvg: a PNG is as much larger than its SVG as asked", async () => {
  const png = Uint8Array.fromBase64(
    await pngOfSvg('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><text y="9">a</text></svg>', 2),
  );
  const view = new DataView(png.buffer);
  assertEquals([view.getUint32(16), view.getUint32(20)], [60, 40]);
});

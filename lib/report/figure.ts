/** Figures as plain objects: data for plotly, with a static image for front ends that run no script. */
import { type Chart, palette } from "./chart.ts";
import { chartSvg } from "./chart_svg.ts";
import { curveColour, curvesSvg } from "./curves_svg.ts";
import { jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "./display.ts";

/** A figure, which a notebook displays as a plotly figure or as an image. */
export interface Figure extends Showable {
  /** The data of the figure. */
  chart: Chart;
  /** The arguments of `Plotly.newPlot`. */
  plotly: { data: unknown[]; layout: Record<string, unknown> };
  /** Returns the figure as a static SVG. */
  svg(): string;
}

/**
 * Makes a figure from the data of a chart.
 *
 * @throws {Error} if a series has not as many values in `x` as in `y`, or what is joined are not two of equal length
 * @example
 * ```ts
 * import { figure } from "@rtd/toolkit";
 * import { assert } from "@std/assert";
 *
 * const series = [{ name: "RTD", x: [1, 2, 3], y: [2.1, 1.4, 1.2] }];
 * const chart = figure({ kind: "line", title: "Loss", xTitle: "step", yTitle: "loss", series });
 * assert(chart.svg().startsWith("<svg")); // in a notebook, `chart` as the last line of a cell displays it
 * ```
 */
export function figure(chart: Chart): Figure {
  for (const { name, x, y } of chart.series) {
    if (x.length !== y.length) {
      throw new Error(
        `Making the figure "${chart.title}" failed: "${name}" has ${x.length} x and ${y.length} y; ` +
          "give one y for each x.",
      );
    }
  }
  const lengths = chart.series.map(({ x }) => x.length);
  if (chart.joined && (lengths.length !== 2 || lengths[0] !== lengths[1])) {
    throw new Error(
      `Making the figure "${chart.title}" failed: its series have ${lengths.join(", ")} points and are to be joined; ` +
        "give two of equal length.",
    );
  }
  // A label stands on the side where there is room.
  const all = chart.series.flatMap(({ x }) => x.map(Number));
  const middle = (Math.min(...all) + Math.max(...all)) / 2;
  const series = chart.series.map(({ name, x, y, spread, xSpread, labels }, i) => ({
    type: chart.kind === "bar" ? "bar" : "scatter",
    ...(chart.kind === "line"
      ? { mode: spread ? "lines+markers" : "lines", line: { color: palette[i % palette.length] } }
      : {}),
    ...(chart.kind === "bar" ? { marker: { color: palette[i % palette.length] } } : {}),
    ...(chart.kind === "scatter" ? { mode: "markers", marker: { color: palette[i % palette.length], size: 5 } } : {}),
    ...(chart.kind === "curves"
      ? {
        mode: labels ? "lines+markers+text" : "lines+markers",
        line: { color: curveColour(i), dash: i < palette.length ? "solid" : "dash" },
      }
      : {}),
    ...(labels
      ? { text: labels, textposition: x.map((at) => Number(at) > middle ? "middle left" : "middle right") }
      : {}),
    ...(spread ? { error_y: { type: "data", array: spread, visible: true } } : {}),
    ...(xSpread ? { error_x: { type: "data", array: xSpread, visible: true } } : {}),
    name,
    x,
    y,
  }));
  const data = chart.joined ? [joins(chart), ...series] : series;
  const onPlane = chart.kind === "scatter" || chart.kind === "curves";
  const layout = {
    title: { text: chart.title },
    xaxis: { title: { text: chart.xTitle } },
    yaxis: { title: { text: chart.yTitle }, ...(onPlane ? {} : { rangemode: "tozero" }) },
    barmode: "group",
    template: "none",
    margin: { t: 50, r: 20 },
    showlegend: chart.series.length > 1,
  };
  return {
    chart,
    plotly: { data, layout },
    svg: () => chart.kind === "curves" ? curvesSvg(chart) : chartSvg(chart),
    async [jupyterDisplay](): Promise<MimeBundle> {
      return {
        "application/vnd.plotly.v1+json": { data, layout },
        "image/png": await pngOfSvg(this.svg()),
        "text/plain": `${chart.title} (${chart.series.map(({ name }) => name).join(", ")})`,
      };
    },
  };
}

/** The thin lines between the points of two series: one trace with a gap after each pair. */
function joins({ series: [first, second] }: Chart) {
  const pairs = <T>(a: readonly T[], b: readonly T[]) => a.flatMap((one, i) => [one, b[i], null]);
  return {
    ...{ type: "scatter", mode: "lines", line: { color: "#aaa", width: 0.6 }, hoverinfo: "skip", showlegend: false },
    ...{ x: pairs(first.x, second.x), y: pairs(first.y, second.y) },
  };
}

/** Figures as plain objects: data for plotly, with a static image for front ends that run no script. */
import { type Chart, palette } from "./chart.ts";
import { chartSvg } from "./chart_svg.ts";
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
 * @throws {Error} if a series has not as many values in `x` as in `y`
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
  const data = chart.series.map(({ name, x, y, spread }, i) => ({
    type: chart.kind === "line" ? "scatter" : "bar",
    ...(chart.kind === "line"
      ? { mode: spread ? "lines+markers" : "lines", line: { color: palette[i % palette.length] } }
      : {}),
    ...(chart.kind === "bar" ? { marker: { color: palette[i % palette.length] } } : {}),
    ...(spread ? { error_y: { type: "data", array: spread, visible: true } } : {}),
    name,
    x,
    y,
  }));
  const layout = {
    title: { text: chart.title },
    xaxis: { title: { text: chart.xTitle } },
    yaxis: { title: { text: chart.yTitle }, rangemode: "tozero" },
    barmode: "group",
    template: "none",
    margin: { t: 50, r: 20 },
    showlegend: chart.series.length > 1,
  };
  return {
    chart,
    plotly: { data, layout },
    svg: () => chartSvg(chart),
    async [jupyterDisplay](): Promise<MimeBundle> {
      return {
        "application/vnd.plotly.v1+json": { data, layout },
        "image/png": await pngOfSvg(this.svg()),
        "text/plain": `${chart.title} (${chart.series.map(({ name }) => name).join(", ")})`,
      };
    },
  };
}

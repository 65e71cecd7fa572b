/** plotly figures as plain objects that show themselves, with a drawn image for where no script runs. */
import { type Chart, palette } from "./chart.ts";
import { chartSvg } from "./chart_svg.ts";
import { jupyterDisplay, type MimeBundle, pngOfSvg, type Showable } from "./display.ts";

/** A figure. */
export interface Figure extends Showable {
  chart: Chart;
  /** What `Plotly.newPlot` takes. */
  plotly: { data: unknown[]; layout: Record<string, unknown> };
  /** The same as a static image. */
  svg(): string;
}

/** Makes a figure. @throws {Error} if a series has another number of x than of y */
export function figure(chart: Chart): Figure {
  for (const { name, x, y } of chart.series) {
    if (x.length !== y.length) {
      throw new Error(`Making the figure "${chart.title}" failed: "${name}" has ${x.length} x and ${y.length} y.`);
    }
  }
  const data = chart.series.map(({ name, x, y, spread }, i) => ({
    type: chart.kind === "line" ? "scatter" : "bar",
    ...(chart.kind === "line" ? { mode: "lines", line: { color: palette[i % palette.length] } } : {}),
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

/** Figures in a page: drawn by plotly, which the page brings along, or static where scripts do not run. */
import { packageText } from "../io/package_file.ts";
import { escapeHtml } from "./display.ts";
import type { Figure } from "./figure.ts";

/** The parts of a page with figures; empty texts where there are none. */
export interface PageFigures {
  /** For the end of the head: plotly and the figures' style. */
  head: string;
  /** Each figure below a heading with its title. */
  body: string;
  /** For the end of the body: draws the figures. */
  script: string;
}

/** Returns plotly's basic bundle, a script that a page can bring along. */
export function plotlyScript(): Promise<string> {
  return packageText("npm:plotly.js-basic-dist-min@4.1.1", "plotly-basic.min.js");
}

/** Makes the parts of a page that show its figures. */
export async function pageFigures(figures: readonly Figure[]): Promise<PageFigures> {
  if (figures.length === 0) return { head: "", body: "", script: "" };
  const plotly = await plotlyScript();
  const parts = figures.map(({ chart, svg }, i) =>
    `<h2>${escapeHtml(chart.title)}</h2>\n<div id="figure${i}" class="chart" role="img" aria-label="${
      escapeHtml(`${chart.title}: ${chart.yTitle} by ${chart.xTitle}`)
    }"><noscript>${svg()}</noscript></div>`
  );
  return {
    head: `<style>${chartStyle}</style>\n<script>${plotly}</script>\n`,
    body: parts.join("\n"),
    script: `<script>${drawFigures(figures)}</script>`,
  };
}

const chartStyle = ".chart { height: 360px } noscript svg { max-width: 100%; height: auto; background: #fff }";

/** Returns the script that draws the figures in the page's colours, and again when these change. */
function drawFigures(figures: readonly Figure[]): string {
  // The heading above a figure is its title. A "<" inside JSON could close the script element.
  const plots = figures.map(({ plotly: { data, layout } }) => ({ data, layout: { ...layout, title: undefined } }));
  return `
const plots = ${JSON.stringify(plots).replaceAll("<", "\\u003c")};
const draw = () => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = (own) => ({ ...own, gridcolor: colour("--line"), linecolor: colour("--soft"), zerolinecolor: colour("--soft") });
  plots.forEach(({ data, layout }, i) => Plotly.react("figure" + i, data, {
    ...layout,
    xaxis: axis(layout.xaxis),
    yaxis: axis(layout.yaxis),
    margin: { t: 10, r: 10, l: 55, b: 45 },
    font: { color: colour("--ink"), size: 14 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
  }, { responsive: true, displayModeBar: false }));
};
draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
`;
}

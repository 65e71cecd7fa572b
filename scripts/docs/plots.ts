/** Figures in the site's pages, drawn by plotly, which the site brings along in a file of its own. */

/** Path of plotly in the site. */
export const plotlyFile = "assets/plotly-basic.min.js";

/** Returns the end of a page's head that draws its figures in the page's colours, and again when these change. */
export function plotsHead(plotlyAddress: string): string {
  return `<script defer src="${plotlyAddress}"></script>\n<script>${draw}</script>\n`;
}

// Where plotly is missing the pictures stay.
const draw = `
addEventListener("DOMContentLoaded", () => {
  if (!globalThis.Plotly) return;
  const plots = [...document.querySelectorAll(".plot")].map((place) => {
    const { data, layout } = JSON.parse(place.querySelector("script").textContent);
    place.replaceChildren();
    // The picture has the title inside; a drawn title would not wrap on a narrow window.
    place.previousElementSibling.hidden = false;
    return { place, data, layout };
  });
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = (own = {}) => ({ ...own, automargin: true, gridcolor: colour("--line"), linecolor: colour("--soft"), zerolinecolor: colour("--soft") });
  // The legend stands below, in as many rows as it needs: the plot keeps its own height.
  const legendRows = ({ clientWidth }, data) =>
    data.length > 1 ? Math.ceil(data.length / Math.max(1, Math.floor(clientWidth / 300))) : 0;
  const heights = (place, data) => {
    const b = 60 + 22 * legendRows(place, data);
    return { autosize: true, height: 310 + b, margin: { t: 10, r: 10, l: 55, b } };
  };
  // Names beside points need room; a narrow plot tells them where a point is touched.
  const shown = ({ clientWidth }, data) => clientWidth > 600
    ? data
    : data.map((one) => one.mode?.endsWith("+text") ? { ...one, mode: "lines+markers" } : one);
  const drawAll = () => plots.forEach(({ place, data, layout }) => Plotly.react(place, shown(place, data), {
    ...layout,
    ...heights(place, data),
    xaxis: axis(layout.xaxis),
    yaxis: axis(layout.yaxis),
    font: { color: colour("--ink"), size: 13 },
    legend: { orientation: "h", yref: "container", yanchor: "bottom", y: 0 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
  }, { responsive: true, displayModeBar: false }));
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
});
`;

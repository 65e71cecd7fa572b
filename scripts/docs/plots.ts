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
  const drawAll = () => plots.forEach(({ place, data, layout }) => Plotly.react(place, data, {
    ...layout,
    xaxis: axis(layout.xaxis),
    yaxis: axis(layout.yaxis),
    font: { color: colour("--ink"), size: 13 },
    margin: { t: 10, r: 10, l: 55, b: 45 },
    legend: { orientation: "h", yanchor: "top", y: -0.25 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
  }, { responsive: true, displayModeBar: false }));
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
});
`;

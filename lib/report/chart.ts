/** A chart as plain data. */

/** One line or one colour of bars. */
export interface Series {
  /** Its name in the legend. */
  name: string;
  /** Numbers for a line, names for bars. */
  x: (number | string)[];
  /** One value for each of `x`. */
  y: number[];
  /** Half the length of each error bar. */
  spread?: number[];
}

/** The data of a figure. */
export interface Chart {
  /** Lines over numbers, or grouped bars over names. */
  kind: "line" | "bar";
  /** Title of the figure. */
  title: string;
  /** Title of the x axis. */
  xTitle: string;
  /** Title of the y axis, with its unit. */
  yTitle: string;
  /** The lines or colours of bars. */
  series: Series[];
}

/** Colours that people with a colour-vision deficiency tell apart (Okabe and Ito). */
export const palette = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000"];
